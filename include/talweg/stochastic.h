/**
 * @file stochastic.h
 * Linear models by stochastic gradient descent, a row at a time (Robbins and Monro, Ann. Math.
 * Stat. 22, 1951; Bottou, Neural Networks: Tricks of the Trade, 2012): coefficients b and an
 * intercept c that lower
 *
 *     mean_i w_i loss(x_i . b + c, y_i) + alpha ((1 - l1_ratio) / 2 |b|^2 + l1_ratio |b|_1)
 *
 * as scikit-learn's SGDRegressor and SGDClassifier do: for data that comes in parts, or is wide
 * and sparse. Where the minimum itself is wanted, lstsq.h, elastic_net.h and glm.h find it.
 * Computed in float64.
 */
#ifndef TALWEG_STOCHASTIC_H
#define TALWEG_STOCHASTIC_H

#include "lstsq.h"
#include "sparse.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Of a prediction p and a target y; of classes a y above 0 is the one, any other the other, and
    m is p, or -p of the other. */
typedef enum tw_stochastic_loss {
    /** (p - y)^2 / 2 */
    TW_STOCHASTIC_SQUARED = 0,
    /** The same up to epsilon off, above epsilon (|p - y| - epsilon / 2). */
    TW_STOCHASTIC_HUBER = 1,
    /** max(0, |p - y| - epsilon) */
    TW_STOCHASTIC_INSENSITIVE = 2,
    /** Its square. */
    TW_STOCHASTIC_SQUARED_INSENSITIVE = 3,
    /** max(0, 1 - m), the linear support vector machine's. */
    TW_STOCHASTIC_HINGE = 4,
    /** max(0, -m) */
    TW_STOCHASTIC_PERCEPTRON = 5,
    /** max(0, 1 - m)^2 */
    TW_STOCHASTIC_SQUARED_HINGE = 6,
    /** log(1 + exp(-m)) */
    TW_STOCHASTIC_LOGISTIC = 7,
    /** max(0, 1 - m)^2 for m >= -1, else -4 m (Zhang, ICML 2004). */
    TW_STOCHASTIC_MODIFIED_HUBER = 8
} tw_stochastic_loss;

/** How long step number t is. */
typedef enum tw_stochastic_schedule {
    /** rate */
    TW_STOCHASTIC_CONSTANT = 0,
    /** 1 / (alpha (t0 + t - 1)), t0 = alpha^(-3/4). */
    TW_STOCHASTIC_OPTIMAL = 1,
    /** rate / t^power */
    TW_STOCHASTIC_INVERSE_SCALING = 2,
    /** rate, which becomes a fifth when the patience is at its end, down to 1e-6. */
    TW_STOCHASTIC_ADAPTIVE = 3,
    /** min(rate, loss / |x|^2) towards the target (Crammer and others, JMLR 7, 2006, PA-I). */
    TW_STOCHASTIC_PASSIVE_AGGRESSIVE_1 = 4,
    /** loss / (|x|^2 + 1 / (2 rate)), PA-II. */
    TW_STOCHASTIC_PASSIVE_AGGRESSIVE_2 = 5
} tw_stochastic_schedule;

/** What is measured of rows held back. */
typedef enum tw_stochastic_score {
    TW_STOCHASTIC_R_SQUARED = 0,
    /** The share of rows whose prediction has the target's sign. */
    TW_STOCHASTIC_ACCURACY = 1
} tw_stochastic_score;

/** What a descent tells its callback after an epoch. */
typedef struct tw_stochastic_progress {
    size_t struct_size;
    /** From 1. */
    int64_t epoch;
    int64_t max_epochs;
    /** Mean loss of the rows as they were met, and the penalty; NaN with rows held back. */
    double objective;
    /** Of the rows held back; NaN without any. */
    double score;
} tw_stochastic_progress;

/** Non-zero stops: the result holds what was reached, with TW_STOP_CALLBACK. */
typedef int (*tw_stochastic_callback)(void *context, const tw_stochastic_progress *progress);

typedef struct tw_stochastic_options {
    size_t struct_size;
    tw_stochastic_loss loss;
    /** Of Huber's and the insensitive losses, 0 or more. */
    double epsilon;
    double alpha;
    /** The share of the L1 norm, from 0 to 1. */
    double l1_ratio;
    /** Fit an intercept (never penalised). */
    bool intercept;
    /** The intercept's steps by those of the coefficients; below 1 where columns are sparse. */
    double intercept_rate;
    tw_stochastic_schedule schedule;
    double rate;
    double power;
    /** Epochs; 0 or more. */
    int64_t max_epochs;
    /** Stop after `patience` epochs in turn whose objective is not this much below the least so
        far, or whose score is not this much above the greatest; negative: never. */
    double tolerance;
    int64_t patience;
    /** Take the rows of each epoch in a random order, by the seed. */
    bool shuffle;
    uint64_t seed;
    /** The step from which on coefficients are averaged (Polyak and Juditsky, SIAM J. Control
        Optim. 30, 1992); 0: none. */
    int64_t average_from;
    /** By which a row's step is multiplied if its y is above 0, and if not. */
    double positive_weight;
    double negative_weight;
    /** Row weights [n], 0 or more; NULL: all 1. */
    const tw_tensor *weights;
    /** [n]: rows where this is not 0 are held back, and their score decides when to stop; NULL:
        none. */
    const tw_tensor *held_back;
    tw_stochastic_score score;
    /** Where to start: the coefficients and their average of a descent before [p], NULL: zeros;
        its intercepts; and its tw_stochastic_result_step. */
    const tw_tensor *coefficients;
    double start_intercept;
    const tw_tensor *average;
    double average_intercept;
    double step;
    tw_stochastic_callback callback;
    void *context;
    /** Called once with context before the descent returns; may be NULL. */
    void (*destroy)(void *context);
} tw_stochastic_options;

#define TW_STOCHASTIC_OPTIONS_INIT                                                                        \
    {sizeof(tw_stochastic_options), TW_STOCHASTIC_SQUARED, 0.1, 1e-4, 0.0, true, 1.0,                     \
     TW_STOCHASTIC_INVERSE_SCALING, 0.01, 0.25, 1000, 1e-3, 5, true, 0, 0, 1.0, 1.0, NULL, NULL,          \
     TW_STOCHASTIC_R_SQUARED, NULL, 0.0, NULL, 0.0, 1.0, NULL, NULL, NULL}

/** Where a descent ended. Holds copies of all it tells. */
typedef struct tw_stochastic_result tw_stochastic_result;

/**
 * Descends.
 * @param X        [n, p], n >= 1, finite; a 1-d X [n] counts as one column
 * @param y        [n], finite
 * @param options  NULL: squared loss, alpha 1e-4
 * @return TW_ERROR_SHAPE if rows differ or there are none, TW_ERROR_NUMERIC for a NaN or
 *         infinity, TW_ERROR_INVALID_ARGUMENT for negative weights, options out of their range or
 *         if all rows are held back, TW_ERROR_DIVERGED if the coefficients grew without bound
 */
tw_status tw_stochastic(const tw_tensor *X, const tw_tensor *y, const tw_stochastic_options *options,
                        tw_stochastic_result **result) TW_CHECK;

/**
 * The same of sparse rows; a step costs what its row has elements.
 * @param X  of tw_operator_from_csr, else TW_ERROR_INVALID_ARGUMENT
 */
tw_status tw_stochastic_sparse(const tw_operator *X, const tw_tensor *y, const tw_stochastic_options *options,
                               tw_stochastic_result **result) TW_CHECK;

/** Frees a result. NULL is accepted. */
void tw_stochastic_result_free(tw_stochastic_result *result);

/** [p], in the dtype of X (float64 for integers and sparse rows). */
tw_tensor *tw_stochastic_result_coefficients(tw_scope *scope, const tw_stochastic_result *result);
/** [p]: the mean of the coefficients after each step from average_from on; the start's if there
    was none. */
tw_tensor *tw_stochastic_result_average(tw_scope *scope, const tw_stochastic_result *result);
/** The intercept; the start's if none is fitted. */
tw_status tw_stochastic_result_intercept(const tw_stochastic_result *result, double *intercept) TW_CHECK;
/** Its mean. */
tw_status tw_stochastic_result_average_intercept(const tw_stochastic_result *result, double *intercept) TW_CHECK;
/** The number of the next step: 1 more than steps were made, from the first start on. */
tw_status tw_stochastic_result_step(const tw_stochastic_result *result, double *step) TW_CHECK;
/** How many epochs were made. */
tw_status tw_stochastic_result_epochs(const tw_stochastic_result *result, int64_t *epochs) TW_CHECK;
/** As in tw_stochastic_progress, of the last epoch. */
tw_status tw_stochastic_result_objective(const tw_stochastic_result *result, double *objective) TW_CHECK;
tw_status tw_stochastic_result_score(const tw_stochastic_result *result, double *score) TW_CHECK;
/** TW_STOP_TOLERANCE if the patience came to its end, TW_STOP_ITERATIONS or TW_STOP_CALLBACK. */
tw_status tw_stochastic_result_stop_reason(const tw_stochastic_result *result, tw_stop_reason *reason) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
