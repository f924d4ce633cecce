// cordage_swap(void **save, void *load): parks the running stack, and goes on with another one where that was parked.
//
// Kept is what the AAPCS64 (6.1.1, 6.1.2) makes the callee's: x19 to x28, the frame pointer, the link register, d8 to d15, and the
// control register of floating point. Layout of a parked stack, from its pointer up:
//   x19 ... x28 | x29 x30 | d8 ... d15 | fpcr, unused
#if defined(__aarch64__)
.text
.globl cordage_swap
.type cordage_swap, %function
.p2align 4
cordage_swap:
  .cfi_startproc
  hint #34  // bti c
  sub sp, sp, #176
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mrs x9, fpcr
  str x9, [sp, #160]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldr x9, [sp, #160]
  msr fpcr, x9
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #176
  ret
  .cfi_endproc
.size cordage_swap, . - cordage_swap

// The first of a fresh stack, whose place is in x19.
.hidden cordage_begin
.globl cordage_begin
.type cordage_begin, %function
cordage_begin:
  .cfi_startproc
  .cfi_undefined x30
  blr x19
  brk #0
  .cfi_endproc
.size cordage_begin, . - cordage_begin
#endif
.section .note.GNU-stack, "", %progbits
