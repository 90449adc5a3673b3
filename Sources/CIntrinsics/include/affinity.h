// How many cores the process may run on.
#pragma once
#include <stdint.h>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

// By the system call: the C library's wrapper needs _GNU_SOURCE before its first header.
// 0 if the kernel does not say.
static inline int64_t tk_available_cores(void) {
  uint64_t mask[128] = {0};
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  int64_t cores = 0;
  for (long i = 0; i * 8 < bytes; i++) cores += __builtin_popcountll(mask[i]);
  return cores;
}
#else
static inline int64_t tk_available_cores(void) { return 0; }
#endif
