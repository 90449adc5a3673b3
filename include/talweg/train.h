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
    /** Since the fit began, with those of the runs that it was resumed from. */
    double seconds;
    /** Updates made in the epoch. */
    int64_t steps;
    /** At the epoch's end. */
    double learning_rate;
    /** Mean seconds of an update, without validation. */
    double step_seconds;
    /** The most bytes of tensors that the process had at once so far. */
    int64_t peak_bytes;
    /** Those of the options' metrics: of the epoch, and of the validation rows (NaN without). They live as long as
        the call. */
    const double *metrics;
    const double *validation_metrics;
    int64_t metric_count;
} tw_epoch_progress;

/** Non-zero cancels: tw_fit returns TW_ERROR_CANCELLED, the module holds what
    was reached and the history is given. */
typedef int (*tw_epoch_callback)(void *context, const tw_epoch_progress *progress);

struct tw_schedule;

/** What a fit tells of as it goes on. */
typedef enum tw_fit_event_kind {
    TW_FIT_TRAIN_BEGIN = 0,
    /** Also after a cancellation, but not after a failure. */
    TW_FIT_TRAIN_END = 1,
    TW_FIT_EPOCH_BEGIN = 2,
    TW_FIT_EPOCH_END = 3,
    TW_FIT_BATCH_BEGIN = 4,
    /** After the update, and its validation, if there are those. */
    TW_FIT_BATCH_END = 5,
    TW_FIT_VALIDATION_END = 6,
    TW_FIT_CHECKPOINT_WRITTEN = 7,
    /** It could not be written, and was not required: the fit goes on. */
    TW_FIT_CHECKPOINT_FAILED = 8
} tw_fit_event_kind;

/** What the fit loop tells at an event. Values that there are none of are NaN. The pointers live as long as the
    call. */
typedef struct tw_fit_event {
    size_t struct_size;
    tw_fit_event_kind kind;
    /** From 1; 0 before the first. */
    int64_t epoch;
    /** How many there are to be; 0: as many as the steps take. */
    int64_t epochs;
    /** The batch of the epoch, from 1. */
    int64_t batch;
    int64_t batches;
    /** Updates made so far. */
    int64_t step;
    /** How many there are to be at most; 0: not known. */
    int64_t steps;
    /** Of a batch, or at an epoch's end the mean over its rows, with the penalties. */
    double loss;
    /** The last that was measured, without penalties. */
    double validation_loss;
    double accuracy;
    double validation_accuracy;
    double learning_rate;
    /** Since the fit began, with those of the runs that it was resumed from. */
    double seconds;
    /** In this epoch so far. */
    double steps_per_second;
    /** The most bytes of tensors that the process had at once so far; 0 with batches, where it is not looked up. */
    int64_t peak_bytes;
    /** Those of the options' metrics: of the epoch at its end, and of the last validation. */
    const double *metrics;
    int64_t metric_count;
    const double *validation_metrics;
    int64_t validation_metric_count;
    /** Of a checkpoint; else "". */
    const char *path;
    /** Why a checkpoint could not be written; else "". */
    const char *message;
} tw_fit_event;

/** Non-zero cancels, at the end of the batch: tw_fit returns TW_ERROR_CANCELLED, the module and the optimizer hold what
    was reached, the history is given and, if there are checkpoints, one is written. */
typedef int (*tw_fit_callback)(void *context, const tw_fit_event *event);

/**
 * A loss of the caller's.
 * @param scope   give it to the functions that make tensors
 * @param output  the module's, for a batch; owned by the scope
 * @param target  of the batch; owned by the scope
 * @param loss    the result: one element, a mean over the batch's rows
 * @return 0, or non-zero on failure: the fit then ends with the scope's error, or TW_ERROR_CANCELLED if it has none
 */
typedef int (*tw_loss_callback)(void *context, tw_scope *scope, tw_tensor *output, tw_tensor *target,
                                tw_tensor **loss);

/** A number of a batch beside the loss, off the tape; parameters and return as for tw_loss_callback. */
typedef int (*tw_metric_callback)(void *context, tw_scope *scope, tw_tensor *output, tw_tensor *target,
                                  double *value);

/** A metric: the fit takes its mean over the rows of the epoch's batches, and of those of the validation. */
typedef struct tw_fit_metric {
    /** What the history calls it: not empty, and not that of another. */
    const char *name;
    tw_metric_callback callback;
    void *context;
} tw_fit_metric;

typedef struct tw_fit_options {
    size_t struct_size;
    tw_loss loss;
    /** How many times to go over the rows, at most; 0, with max_steps: as many as the steps take. */
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
    /** Stop after this many validations (epochs, without validation_steps) without a better validation loss
        (training loss, if nothing is held out); 0: never. */
    int64_t patience;
    /** A loss is better if it is lower by more than this. */
    double min_delta;
    /** Put back the parameters and buffers of the best validation (epoch) at the end. */
    bool restore_best;
    /** Added to the loss: l1 sum |w| + l2 sum w^2 over the weights (not biases). */
    double l1;
    double l2;
    tw_epoch_callback callback;
    void *context;
    /** Called once with context before tw_fit returns; may be NULL. */
    void (*destroy)(void *context);

    /** Stop after this many updates; 0: when the epochs are over. */
    int64_t max_steps;
    /** Batches an update: their gradients are added up, each by its share of the rows, as those of one large batch.
        An epoch's last update has the batches that are left. */
    int64_t accumulate;
    /** Validate after every so many updates instead of each epoch; 0: each epoch. */
    int64_t validation_steps;
    /** A loss of the caller's instead of `loss`; it gets `context`. */
    tw_loss_callback loss_callback;
    const tw_fit_metric *metrics;
    int64_t metric_count;
    /** Changes the learning rates after each update, or each epoch, with the loss (of the validation, at an epoch's
        end) as the metric: see schedule.h. Attached to the optimizer, or to none yet: then it is. May be NULL. */
    struct tw_schedule *schedule;
    bool schedule_epochs;
    /** Gradients whose norm, all together, is above this are scaled down to it; 0: any norm. */
    double max_norm;
    /** Elements of gradients beyond -max_value ... max_value are cut to it (before max_norm); 0: none. */
    double max_value;
    /** Note every so many updates in the history (tw_history_step_value); 0: none. */
    int64_t record_steps;
    /** Look before each update whether the gradients are finite, so that the operation whose gradient is not is named,
        instead of when the loss of the next batch is not finite. */
    bool check_gradients;
    /** A folder for checkpoints, made if there is none; NULL: none are written. Their files are named after the updates
        made, such as step-000000001000.safetensors. TW_ERROR_STATE if the folder holds checkpoints of later steps than
        the fit begins with. */
    const char *checkpoint_folder;
    /** After every so many updates, every so many epochs, and when so many seconds have gone by; 0: not so. With
        all of them 0, each epoch. One is also written at the end, and when the fit is cancelled. */
    int64_t checkpoint_steps;
    int64_t checkpoint_epochs;
    double checkpoint_seconds;
    /** How many of the newest are kept; 0: all. */
    int64_t checkpoint_keep;
    /** Whether a checkpoint that cannot be written (a full disk) ends the fit, with TW_ERROR_IO; else it goes on, and
        TW_FIT_CHECKPOINT_FAILED tells of it. The earlier checkpoints stay in either case. */
    bool checkpoint_required;
    /** A checkpoint to go on from, or a folder: then the newest there that can be read, and the start if there is none.
        The same model, optimizer, data and options make the updates that the fit would have made without the interruption,
        bit for bit; epochs and max_steps may be larger. Options that would make others, and the names of
        a model with other parameters or buffers, are TW_ERROR_INVALID_ARGUMENT. */
    const char *resume;
    /** Generators that forward callbacks draw from: part of checkpoints, in this order. Those of layers and the
        process's own are in any case. */
    tw_generator *const *generators;
    int64_t generator_count;
    /** Further inputs [n, ..] of a module that takes several, after the first; and those of the validation rows. */
    const tw_tensor *const *further_inputs;
    const tw_tensor *const *further_validation_inputs;
    int64_t further_count;
    /** Called with `context` at the events whose bits, 1 << kind, `watched` has. */
    tw_fit_callback on_event;
    uint32_t watched;
} tw_fit_options;

/** All events. */
#define TW_FIT_WATCH_ALL 0xffffffffu

#define TW_FIT_OPTIONS_INIT                                                                        \
    {sizeof(tw_fit_options), TW_LOSS_MSE, 10, 32, true, false, 0, 0.0, NULL, NULL, 0, 0.0, false, 0.0, 0.0, \
     NULL, NULL, NULL, 0, 1, 0, NULL, NULL, 0, NULL, false, 0.0, 0.0, 0, false, NULL, 0, 0, 0.0, 3, false,     \
     NULL, NULL, 0, NULL, NULL, 0, NULL, TW_FIT_WATCH_ALL}

/** What a fit went through, epoch by epoch. */
typedef struct tw_history tw_history;

/** Quantities in a history. */
typedef enum tw_metric {
    TW_METRIC_LOSS = 0,
    TW_METRIC_VALIDATION_LOSS = 1,
    TW_METRIC_ACCURACY = 2,
    TW_METRIC_VALIDATION_ACCURACY = 3,
    TW_METRIC_SECONDS = 4,
    /** At an epoch's end, or in an update. */
    TW_METRIC_LEARNING_RATE = 5,
    /** Mean seconds of an epoch's updates, or those of an update. */
    TW_METRIC_STEP_SECONDS = 6,
    /** The most bytes of tensors at once until an epoch's end, or those at the end of an update. */
    TW_METRIC_BYTES = 7,
    /** How many updates an epoch had, or the number of an update, from 1. */
    TW_METRIC_STEPS = 8
} tw_metric;

/** Why a fit ended. */
typedef enum tw_fit_stop {
    TW_FIT_STOP_EPOCHS = 0,
    TW_FIT_STOP_EARLY = 1,
    TW_FIT_STOP_CANCELLED = 2,
    /** max_steps updates were made. */
    TW_FIT_STOP_STEPS = 3
} tw_fit_stop;

/**
 * Trains a module in place.
 * @param inputs     [n, ..]
 * @param targets    [n, ..] for MSE, integer labels [n] for cross-entropy
 * @param optimizer  holds the module's parameters
 * @param history    may be NULL; freed by tw_history_free
 * @return TW_ERROR_DIVERGED at a loss or parameter that is not finite,
 *         TW_ERROR_NUMERIC if that is because the data hold NaN or infinity,
 *         TW_ERROR_INDEX for a label out of range, TW_ERROR_SHAPE for a loss that is not
 *         one element and for rows of no elements, TW_ERROR_STATE if the optimizer
 *         holds none of the module's parameters or recording is off, TW_ERROR_IO for a
 *         checkpoint that is required and cannot be written, or one to resume from
 *         that cannot be read. The message of the first names the operation that made
 *         the value, the module that it is in and the shapes, if the batch gone over
 *         again shows it. After any failure but TW_ERROR_CANCELLED the module, with its
 *         buffers, is as it was at the start of the epoch (or where it was resumed),
 *         and after the first two the optimizer's state is forgotten.
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

/** How many updates were noted: see tw_fit_options.record_steps. */
tw_status tw_history_steps(const tw_history *history, int64_t *steps) TW_CHECK;
/** One metric of a noted update, by its place from 0: TW_METRIC_LOSS (the mean over its batches' rows),
    TW_METRIC_LEARNING_RATE, TW_METRIC_STEP_SECONDS, TW_METRIC_BYTES or TW_METRIC_STEPS; NaN for the others. */
tw_status tw_history_step_value(const tw_history *history, tw_metric metric, int64_t index, double *value) TW_CHECK;
/** How many metrics of the caller's it holds. */
tw_status tw_history_metric_count(const tw_history *history, int64_t *count) TW_CHECK;
/** The name of metric number `index`, as tw_tensor_to_string writes text. */
tw_status tw_history_metric_name(const tw_history *history, int64_t index, char *text, size_t capacity,
                                 size_t *needed) TW_CHECK;
/** Metric number `index` of one epoch (from 0), of its batches or of the validation rows; NaN if there was none. */
tw_status tw_history_metric(const tw_history *history, int64_t index, bool validation, int64_t epoch,
                            double *value) TW_CHECK;
/** How many checkpoints could not be written. */
tw_status tw_history_failed_checkpoints(const tw_history *history, int64_t *count) TW_CHECK;
/** Writes the history to a file, which is replaced as a whole or not at all: to one that ends in .csv a line an epoch,
    to one that ends in .json everything. Values that there are none of are empty, or null.
    TW_ERROR_INVALID_ARGUMENT for another ending. */
tw_status tw_history_save(const tw_history *history, const char *path) TW_CHECK;
/** Writes the noted updates to a CSV file, a line an update. */
tw_status tw_history_save_steps(const tw_history *history, const char *path) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
