// cordage_swap(void **save, void *load): parks the running stack, and goes on with another one where that was parked.
//
// What the System V ABI (AMD64 supplement, 3.2.1) lets a callee change is gone after any call; kept here is the rest: six registers
// and the control words of both floating point units. Layout of a parked stack, from its pointer up:
//   mxcsr, x87 control word | r15 r14 r13 r12 rbx rbp | return address
#if defined(__x86_64__)
.text
.globl cordage_swap
.type cordage_swap, @function
.p2align 4
cordage_swap:
  .cfi_startproc
  endbr64
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  subq $8, %rsp
  stmxcsr (%rsp)
  fnstcw 4(%rsp)
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  ldmxcsr (%rsp)
  fldcw 4(%rsp)
  addq $8, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .cfi_endproc
.size cordage_swap, . - cordage_swap

// The first of a fresh stack, whose place is in rbx.
.hidden cordage_begin
.globl cordage_begin
.type cordage_begin, @function
cordage_begin:
  .cfi_startproc
  .cfi_undefined rip
  call *%rbx
  ud2
  .cfi_endproc
.size cordage_begin, . - cordage_begin
#endif
.section .note.GNU-stack, "", @progbits
