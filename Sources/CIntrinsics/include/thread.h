// What a thread has of its own, and how it waits.
#pragma once

// A word that each thread has for itself, null at first. A pthread key would do; this is one instruction.
#if defined(__linux__)
extern _Thread_local void *tk_thread_word __attribute__((visibility("hidden"), tls_model("initial-exec")));
#else
extern _Thread_local void *tk_thread_word __attribute__((visibility("hidden")));
#endif

static inline void *tk_thread_get(void) { return tk_thread_word; }
static inline void tk_thread_set(void *word) { tk_thread_word = word; }

// Tells the processor that this is a loop that waits for another core.
static inline void tk_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}
