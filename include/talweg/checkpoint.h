/**
 * @file checkpoint.h
 * Checkpoints of training loops that callers write themselves; tw_fit writes its own.
 */
#ifndef TALWEG_CHECKPOINT_H
#define TALWEG_CHECKPOINT_H

#include "schedule.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What belongs to a checkpoint beside the module. */
typedef struct tw_checkpoint_options {
    size_t struct_size;
    /** May be NULL. */
    tw_optimizer *optimizer;
    /** May be NULL. */
    tw_schedule *schedule;
    /** Generators of random numbers that no layer owns, in this order. The process's own and those of layers are in
        any case. */
    tw_generator *const *generators;
    int64_t generator_count;
} tw_checkpoint_options;

#define TW_CHECKPOINT_OPTIONS_INIT {sizeof(tw_checkpoint_options), NULL, NULL, NULL, 0}

/**
 * Writes the state of a training to one file, in the safetensors format, which is replaced as a whole or not at all:
 * parameters and buffers, the optimizer's state, the schedule and the generators, each to its bit.
 * @param numbers  what else the loop needs to go on, such as its epoch and batch; may be NULL if count is 0
 * @return TW_ERROR_IO
 */
tw_status tw_checkpoint_save(const char *path, const tw_module *module, const tw_checkpoint_options *options,
                             const double *numbers, int64_t count) TW_CHECK;

/**
 * Puts back, in place, what tw_checkpoint_save wrote; from a file of tw_fit the module, the optimizer, the schedule and
 * the generators. On failure nothing is changed.
 * @param numbers   gets the loop's numbers, at most `capacity`; may be NULL if that is 0
 * @param count     how many there are; may be NULL
 * @return TW_ERROR_IO; TW_ERROR_FORMAT for a file that is no checkpoint, cut or malformed; TW_ERROR_UNSUPPORTED for one
 *         of another version; TW_ERROR_INVALID_ARGUMENT, with every name that is missing or too many, for a model of
 *         other parameters or buffers; TW_ERROR_SHAPE or TW_ERROR_DTYPE for the first that differs
 */
tw_status tw_checkpoint_load(const char *path, tw_module *module, const tw_checkpoint_options *options,
                             double *numbers, int64_t capacity, int64_t *count) TW_CHECK;

/** The newest checkpoint that can be read in a folder that tw_fit writes them to, as tw_tensor_to_string writes text;
    "" if it has none. */
tw_status tw_checkpoint_newest(const char *folder, char *text, size_t capacity, size_t *needed) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
