{
  "targets": [
    {
      "target_name": "cordage_greenlet_<(node_module_version)",
      "sources": [
        "native/binding.cc",
        "native/callback-depth.cc",
        "native/context-frame.h",
        "native/ending.cc",
        "native/gc-guard.cc",
        "native/realm.cc",
        "native/requests.cc",
        "native/slabs.cc",
        "native/stack-engine.cc",
        "native/stack-limit.cc",
        "native/swap.cc",
        "native/swap-arm64.S",
        "native/swap-x64.S",
        "native/threads-engine.cc",
        "native/v8-thread.cc"
      ],
      "defines": ["_GNU_SOURCE"],
      "cflags_cc": ["-O2", "-std=c++20", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-cast-function-type", "-fno-exceptions"],
      "libraries": ["-pthread"]
    }
  ]
}
