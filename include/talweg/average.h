/**
 * @file average.h
 * Averages of a module's weights over the steps of a training, beside them: exponential, or equal for stochastic
 * weight averaging.
 *
 * They are of the module's parameters and persistent buffers: at first as they are, after the first update those of
 * that, then averages. Averages of float16 and bfloat16 are float32. The module lives as long as its averages.
 */
#ifndef TALWEG_AVERAGE_H
#define TALWEG_AVERAGE_H

#include "module.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_average tw_average;

typedef struct tw_ema_options {
    size_t struct_size;
    /** 0 or more and below 1: average += (1 - decay) (weight - average) */
    double decay;
    /** At update n weighs it (1 - decay) / (1 - decay^n), as if the average had been going on for ever. */
    bool bias_correction;
    /** Averages the buffers too that are numbers with fractions, instead of keeping the newest. */
    bool average_buffers;
} tw_ema_options;

#define TW_EMA_OPTIONS_INIT {sizeof(tw_ema_options), 0.999, false, false}

/** Exponential averages. NULL options are the defaults. */
tw_status tw_ema_new(tw_module *module, const tw_ema_options *options, tw_average **average) TW_CHECK;
/** Equal averages (Izmailov et al., 2018): the mean of all updates. */
tw_status tw_swa_new(tw_module *module, bool average_buffers, tw_average **average) TW_CHECK;
/** Frees averages; those in the module's place stay there. NULL is accepted. */
void tw_average_free(tw_average *average);

/** Takes the module's weights into the averages. TW_ERROR_STATE while the averages are in the module's place, or if
    it holds other tensors than at first. */
tw_status tw_average_update(tw_average *average) TW_CHECK;
/** How many updates were made. */
tw_status tw_average_updates(const tw_average *average, int64_t *count) TW_CHECK;
/** Puts the averages in the module's place. TW_ERROR_STATE if they are there already. */
tw_status tw_average_apply(tw_average *average) TW_CHECK;
/** Puts back what the module held before. TW_ERROR_STATE if the averages are not in its place. */
tw_status tw_average_restore(tw_average *average) TW_CHECK;
/** Overwrites what a module holds, which has tensors of the same paths and shapes, with the averages. */
tw_status tw_average_copy_to(const tw_average *average, tw_module *module) TW_CHECK;
/** A copy of the average of what the module has at a path, such as "0.weight". */
tw_tensor *tw_average_tensor(tw_scope *scope, const tw_average *average, const char *path);

/** Writes the averages and how many updates they hold to a safetensors file, which is replaced as a whole or not at
    all. */
tw_status tw_average_save(const tw_average *average, const char *path) TW_CHECK;
/** Takes over such a file of the same kind and shapes. TW_ERROR_INVALID_ARGUMENT, with nothing changed and every name
    told that is missing, unexpected or differs, for another. */
tw_status tw_average_load(tw_average *average, const char *path) TW_CHECK;
/** See tw_optimizer_state_names, tw_optimizer_state and tw_optimizer_set_state. */
tw_status tw_average_state_names(const tw_average *average, char *text, size_t capacity, size_t *needed) TW_CHECK;
tw_status tw_average_state(tw_scope *scope, const tw_average *average, tw_tensor **tensors, int64_t capacity,
                           int64_t *count) TW_CHECK;
tw_status tw_average_set_state(tw_average *average, const char *const *names, const tw_tensor *const *tensors,
                               int64_t count) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
