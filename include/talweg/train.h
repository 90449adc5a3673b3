/**
 * @file train.h
 * The fit loop.
 */
#ifndef TALWEG_TRAIN_H
#define TALWEG_TRAIN_H

#include "data.h"
#include "loss.h"
#include "optimizer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What the fit loop tells its callback after an epoch. Values that there are
    none of are NaN. */
typedef struct tw_epoch_progress {
    size_t struct_size;
    /** From 1. */
    int64_t epoch;
    int64_t epochs;
    /** Mean over the rows of the epoch, with the penalties. */
    double loss;
    /** Of the validation rows, without penalties. */
    double validation_loss;
    /** Share of rows whose largest logit is the label; cross-entropy only. */
    double accuracy;
    double validation_accuracy;
    /** Since the fit began. */
    double seconds;
} tw_epoch_progress;

/** Non-zero cancels: tw_fit returns TW_ERROR_CANCELLED, the module holds what
    was reached and the history is given. */
typedef int (*tw_epoch_callback)(void *context, const tw_epoch_progress *progress);

typedef struct tw_fit_options {
    size_t struct_size;
    tw_loss loss;
    int64_t epochs;
    int64_t batch_size;
    bool shuffle;
    bool drop_last;
    /** Of the split and the order of the rows. */
    uint64_t seed;
    /** Share of the rows held out for validation, 0 <= share < 1, drawn at random. */
    double validation_split;
    /** Rows for validation instead of a split; both or none. */
    const tw_tensor *validation_inputs;
    const tw_tensor *validation_targets;
    /** Stop after this many epochs without a better validation loss (training
        loss, if nothing is held out); 0: never. */
    int64_t patience;
    /** A loss is better if it is lower by more than this. */
    double min_delta;
    /** Put back the parameters of the best epoch at the end. */
    bool restore_best;
    /** Added to the loss: l1 sum |w| + l2 sum w^2 over the weights (not biases). */
    double l1;
    double l2;
    tw_epoch_callback callback;
    void *context;
    /** Called once with context before tw_fit returns; may be NULL. */
    void (*destroy)(void *context);
} tw_fit_options;

#define TW_FIT_OPTIONS_INIT                                                                        \
    {sizeof(tw_fit_options), TW_LOSS_MSE, 10, 32, true, false, 0, 0.0, NULL, NULL, 0, 0.0, false, 0.0, 0.0, \
     NULL, NULL, NULL}

/** What a fit went through, epoch by epoch. */
typedef struct tw_history tw_history;

/** Quantities in a history. */
typedef enum tw_metric {
    TW_METRIC_LOSS = 0,
    TW_METRIC_VALIDATION_LOSS = 1,
    TW_METRIC_ACCURACY = 2,
    TW_METRIC_VALIDATION_ACCURACY = 3,
    TW_METRIC_SECONDS = 4
} tw_metric;

/** Why a fit ended. */
typedef enum tw_fit_stop {
    TW_FIT_STOP_EPOCHS = 0,
    TW_FIT_STOP_EARLY = 1,
    TW_FIT_STOP_CANCELLED = 2
} tw_fit_stop;

/**
 * Trains a module in place.
 * @param inputs     [n, ..]
 * @param targets    [n, ..] for MSE, integer labels [n] for cross-entropy
 * @param optimizer  holds the module's parameters
 * @param history    may be NULL; freed by tw_history_free
 * @return TW_ERROR_DIVERGED at a loss or parameter that is not finite,
 *         TW_ERROR_NUMERIC if that is because the data hold NaN or infinity,
 *         TW_ERROR_INDEX for a label out of range, TW_ERROR_STATE if the optimizer
 *         holds none of the module's parameters or recording is off. After any
 *         failure but TW_ERROR_CANCELLED the module is as it was at the start of
 *         the epoch, and after the first two the optimizer's state is forgotten.
 */
tw_status tw_fit(tw_module *module, tw_optimizer *optimizer, const tw_tensor *inputs, const tw_tensor *targets,
                 const tw_fit_options *options, tw_history **history) TW_CHECK;

/** The module's outputs for `inputs` in batches of `batch_size` (0: all at once),
    in evaluation mode and without the tape. The mode is put back. */
tw_tensor *tw_predict(tw_scope *scope, tw_module *module, const tw_tensor *inputs, int64_t batch_size);

/** Frees a history. NULL is accepted. */
void tw_history_free(tw_history *history);
/** How many epochs it holds. */
tw_status tw_history_epochs(const tw_history *history, int64_t *epochs) TW_CHECK;
/** One metric of one epoch (from 0); NaN if there was none. */
tw_status tw_history_value(const tw_history *history, tw_metric metric, int64_t epoch, double *value) TW_CHECK;
/** The epoch (from 0) with the lowest validation loss (training loss, if nothing was held out). */
tw_status tw_history_best_epoch(const tw_history *history, int64_t *epoch) TW_CHECK;
/** Why the fit ended. */
tw_status tw_history_stop(const tw_history *history, tw_fit_stop *stop) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
