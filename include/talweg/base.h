/**
 * @file base.h
 * Status codes, versions, threads and seeds.
 */
#ifndef TALWEG_BASE_H
#define TALWEG_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TW_VERSION_MAJOR 0
#define TW_VERSION_MINOR 1
#define TW_VERSION_PATCH 0
#define TW_VERSION_STRING "0.1.0"

/* Ignoring a status warns. C23 and C++17 have an attribute for it, older
   standards the compilers' own. */
#if defined(__GNUC__) || defined(__clang__)
#define TW_CHECK __attribute__((warn_unused_result))
#else
#define TW_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** How a call ended. Values are fixed; later versions append. */
typedef enum tw_status {
    TW_OK = 0,
    /** An argument is outside what the function accepts. */
    TW_ERROR_INVALID_ARGUMENT = 1,
    /** A required pointer is NULL. */
    TW_ERROR_NULL = 2,
    /** A handle was released before, is of another kind, or never was one. */
    TW_ERROR_INVALID_HANDLE = 3,
    /** Shapes do not fit each other or the operation. */
    TW_ERROR_SHAPE = 4,
    /** The operation is not defined for this element type. */
    TW_ERROR_DTYPE = 5,
    /** An index, axis or label is out of range. */
    TW_ERROR_INDEX = 6,
    /** The memory could not be had. */
    TW_ERROR_OUT_OF_MEMORY = 7,
    /** A file could not be opened, read or written. */
    TW_ERROR_IO = 8,
    /** A file's content is malformed. */
    TW_ERROR_FORMAT = 9,
    /** A NaN or infinity where none may be, or a matrix that cannot be factorised. */
    TW_ERROR_NUMERIC = 10,
    /** An iteration grew without bound. */
    TW_ERROR_DIVERGED = 11,
    /** A callback asked to stop. */
    TW_ERROR_CANCELLED = 12,
    /** The call does not fit the object's state. */
    TW_ERROR_STATE = 13,
    /** Something that this version or build does not do. */
    TW_ERROR_UNSUPPORTED = 14,
    /** A defect in the library. */
    TW_ERROR_INTERNAL = 15
} tw_status;

/** The name of a status, such as "TW_ERROR_SHAPE"; "TW_ERROR_?" for a value
    that is none. Static storage; never NULL. */
const char *tw_status_name(tw_status status);

/** The status of this thread's last failed call, TW_OK if none failed since
    tw_clear_last_error. Calls that succeed do not change it. */
tw_status tw_last_status(void);

/** The message of this thread's last failed call, "" if there is none. Valid
    until the thread's next failed call. Never NULL. */
const char *tw_last_message(void);

/** Forgets this thread's last error. */
void tw_clear_last_error(void);

/** The version of the library that was loaded, such as "0.1.0". Static storage. */
const char *tw_version(void);

/** The loaded version as major * 1000000 + minor * 1000 + patch. */
int64_t tw_version_number(void);

/** Compiler, instruction sets found and in use, number of threads (at the first
    call), as one line. Lives as long as the process. */
const char *tw_build_info(void);

/**
 * Sets how many threads the process's pool uses, from 1 to 1024. By default
 * it is TALWEG_NUM_THREADS or, without it, the cores the process may run on.
 * Results do not depend on it, bit for bit.
 * @return TW_ERROR_INVALID_ARGUMENT outside 1...1024.
 */
tw_status tw_set_num_threads(int64_t count) TW_CHECK;

/** How many threads the pool uses. */
int64_t tw_num_threads(void);

/**
 * Sets how many bytes of the memory that tensors gave back the process keeps for
 * later ones: 0 or more; at first it is half of what the machine, or the process's
 * control group, has. What is kept beyond it goes back to the system at once; other
 * threads give back what they keep for themselves at their next call. Such small
 * blocks, up to 1 MiB a thread, come on top of the limit; below 16 MiB there are none.
 * When memory runs short, all that is kept is given back before a call fails.
 * @return TW_ERROR_INVALID_ARGUMENT for a negative number.
 */
tw_status tw_set_cache_limit(int64_t bytes) TW_CHECK;

/** What the process's memory for tensors' elements is used for, in bytes; the blocks
    that it comes in are up to an eighth larger than what they hold. */
typedef struct tw_memory_statistics {
    size_t struct_size;
    /** Of tensors, and of calls that are at work. */
    int64_t bytes_in_use;
    /** Given back and kept for later tensors. */
    int64_t bytes_cached;
    /** The most that was in use at once, to within 1 MiB a thread. */
    int64_t peak_bytes_in_use;
    /** What tw_set_cache_limit set. */
    int64_t cache_limit;
    /** How many blocks were asked for so far. */
    int64_t allocations;
    /** How many of them were taken from the system. */
    int64_t system_allocations;
} tw_memory_statistics;

#define TW_MEMORY_STATISTICS_INIT {sizeof(tw_memory_statistics), 0, 0, 0, 0, 0, 0}

/**
 * Writes the process's memory statistics to *statistics, which starts from
 * TW_MEMORY_STATISTICS_INIT.
 * @return TW_ERROR_NULL; TW_ERROR_INVALID_ARGUMENT for a struct_size that is none.
 */
tw_status tw_memory_stats(tw_memory_statistics *statistics) TW_CHECK;

/**
 * Seeds the process's default random generator, which serves wherever a
 * function takes a generator and gets NULL. Without a call the seed is 0, so
 * that two runs of a program give the same numbers.
 */
void tw_seed(uint64_t seed);

/** How many handles of all kinds are alive in the process: for finding leaks. */
int64_t tw_live_handles(void);

#ifdef __cplusplus
}
#endif

#endif
