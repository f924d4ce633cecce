{
  "targets": [
    {
      "target_name": "cordage_ipc",
      "sources": [
        "native/binding.c",
        "native/support.c",
        "native/memory.c",
        "native/block.c",
        "native/futex.c",
        "native/waiter.c",
        "native/descriptor.c",
        "native/socket.c",
        "native/readiness.c",
        "native/watch.c",
        "native/uring.c",
        "native/process.c",
        "native/loop.c"
      ],
      "defines": ["NAPI_VERSION=8", "_GNU_SOURCE", "_FILE_OFFSET_BITS=64"],
      "cflags": ["-O2", "-Wall", "-Wextra", "-Werror=implicit-function-declaration", "-std=gnu11"],
      "libraries": ["-pthread"],
      "ldflags": ["-Wl,-z,nodelete"]
    }
  ]
}
