/**
 * @file nonlinear.h
 * Nonlinear least squares: the parameters x that minimise
 *
 *     1/2 sum_i C^2 rho((r_i(x) / C)^2)
 *
 * within bounds, rho(z) = z for plain least squares and C the loss' scale. In
 * float64. By a trust region, with the steps of Levenberg-Marquardt as by J. J.
 * More, "The Levenberg-Marquardt algorithm: implementation and theory" (1978).
 */
#ifndef TALWEG_NONLINEAR_H
#define TALWEG_NONLINEAR_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Writes the residuals r(x), `count` numbers. Any that are not finite say that the
 * residuals have no value there: the step is refused (at the start: TW_ERROR_NUMERIC).
 * Non-zero ends the fit with TW_ERROR_CANCELLED.
 */
typedef int (*tw_residual_function)(void *context, const double *parameters, double *residuals);
/** Writes dr/dx [count, p], row-major, all of them. Non-zero as above. */
typedef int (*tw_jacobian_function)(void *context, const double *parameters, double *jacobian);
/**
 * r(x) as a tensor, float64 of any shape, made of the library's operations from
 * `parameters` [p], which differentiate it. NULL ends the fit: with the scope's
 * first error, or else TW_ERROR_CANCELLED. A count that changes is TW_ERROR_SHAPE.
 */
typedef tw_tensor *(*tw_residual_tensor_function)(void *context, tw_scope *scope, const tw_tensor *parameters);

/** Residuals: `tensor`, or `function` with `count` and perhaps `jacobian`. */
typedef struct tw_residuals {
    size_t struct_size;
    int64_t count;
    tw_residual_function function;
    /** NULL: by differences. */
    tw_jacobian_function jacobian;
    tw_residual_tensor_function tensor;
    void *context;
} tw_residuals;

#define TW_RESIDUALS_INIT {sizeof(tw_residuals), 0, NULL, NULL, NULL, NULL}

typedef enum tw_trust_region_method {
    TW_LEVENBERG_MARQUARDT = 0,
    /** Powell's dogleg (1970): cheaper steps for many parameters; the Jacobian should
        have full rank. */
    TW_DOGLEG = 1
} tw_trust_region_method;

typedef enum tw_difference_scheme {
    /** Forward ones on the way, central ones for the last digits and the covariance. */
    TW_DIFFERENCES_AUTOMATIC = 0,
    /** Two evaluations a parameter: ten digits of derivatives. */
    TW_DIFFERENCES_CENTRAL = 1,
    /** One evaluation a parameter: seven digits. */
    TW_DIFFERENCES_FORWARD = 2
} tw_difference_scheme;

/** rho(z), near z for small z. */
typedef enum tw_residual_loss {
    TW_RESIDUAL_LINEAR = 0,
    /** z up to 1, then 2 sqrt(z) - 1 */
    TW_RESIDUAL_HUBER = 1,
    /** 2 (sqrt(1 + z) - 1) */
    TW_RESIDUAL_SOFT_L1 = 2,
    /** log(1 + z) */
    TW_RESIDUAL_CAUCHY = 3,
    TW_RESIDUAL_ARCTAN = 4,
    /** (1 - (1 - z)^3) / 3 up to 1, then 1/3 */
    TW_RESIDUAL_TUKEY = 5,
    /** 1 - exp(-z) */
    TW_RESIDUAL_WELSCH = 6
} tw_residual_loss;

typedef enum tw_least_squares_stop {
    /** The residuals are zero or nearly orthogonal to the Jacobian's columns, or no
        parameter may move. */
    TW_LEAST_SQUARES_GRADIENT = 0,
    /** A step changed the cost by less than its tolerance. */
    TW_LEAST_SQUARES_COST = 1,
    /** The steps fell below their tolerance. */
    TW_LEAST_SQUARES_STEP = 2,
    /** The limits, with what was reached. */
    TW_LEAST_SQUARES_EVALUATIONS = 3,
    TW_LEAST_SQUARES_TIME = 4,
    /** The callback asked to stop. */
    TW_LEAST_SQUARES_CALLBACK = 5,
    /** The limit of steps, of tw_problem_solve alone. */
    TW_LEAST_SQUARES_ITERATIONS = 6
} tw_least_squares_stop;

/** What a fit tells after each step that it takes. */
typedef struct tw_least_squares_progress {
    size_t struct_size;
    /** From 1. */
    int64_t iteration;
    /** Of the residuals, so far. */
    int64_t evaluations;
    double cost;
    /** The largest cosine of the angle between the residuals and a column of the Jacobian. */
    double optimality;
    /** The length of the step, in the parameters' scales. */
    double step;
    /** [parameter_count], valid during the call. */
    const double *parameters;
    int64_t parameter_count;
} tw_least_squares_progress;

/** Non-zero stops: the result holds what was reached. */
typedef int (*tw_least_squares_callback)(void *context, const tw_least_squares_progress *progress);

typedef struct tw_least_squares_options {
    size_t struct_size;
    tw_trust_region_method method;
    /** Correct the steps of Levenberg-Marquardt by the residuals' curvature along them
        (Transtrum and Sethna, arXiv:1201.5885), for an evaluation more each. */
    bool geodesic;
    tw_difference_scheme differences;
    tw_residual_loss loss;
    /** C, above 0: the residual beyond which a loss counts less. */
    double loss_scale;
    /** [p] or NULL. Infinite ones are none, equal ones fix a parameter. */
    const tw_tensor *lower;
    const tw_tensor *upper;
    /** bool [p] or NULL: parameters that stay what they are. */
    const tw_tensor *fixed;
    /** [p], above 0, or NULL: typical sizes; by default from the Jacobian's columns. */
    const tw_tensor *scale;
    /** Stop when a step changes the cost by less than this share, */
    double cost_tolerance;
    /** when steps are shorter than this share of the parameters, */
    double step_tolerance;
    /** or when the optimality is at most this. */
    double gradient_tolerance;
    /** When rounding hides the cost's last changes, go on by full steps while the gradient
        shrinks: half of the parameters' digits lie there. */
    bool polish;
    /** 0: 400 (p + 1). Those for differences do not count. */
    int64_t max_evaluations;
    /** 0: no limit. */
    double max_seconds;
    /** The trust region's first radius, in units of the start's length in its scales. */
    double first_radius;
    tw_least_squares_callback callback;
    void *context;
} tw_least_squares_options;

#define TW_LEAST_SQUARES_OPTIONS_INIT                                                              \
    {sizeof(tw_least_squares_options), TW_LEVENBERG_MARQUARDT, false, TW_DIFFERENCES_AUTOMATIC,     \
     TW_RESIDUAL_LINEAR, 1.0, NULL, NULL, NULL, NULL, 1e-12, 1e-14, 0.0, true, 0, 0.0, 1.0, NULL, NULL}

/** A nonlinear fit. Holds copies of all it tells. */
typedef struct tw_least_squares_result tw_least_squares_result;

/**
 * Fits. The callbacks run on the calling thread, before this returns.
 * @param start    x [p], finite, within the bounds; not changed
 * @param options  NULL: TW_LEAST_SQUARES_OPTIONS_INIT
 * @return TW_ERROR_SHAPE for sizes that do not fit; TW_ERROR_INVALID_ARGUMENT for bounds
 *         that exclude the start or each other; TW_ERROR_NUMERIC for residuals that are
 *         not finite at the start, or a Jacobian that is not finite at a point reached;
 *         TW_ERROR_CANCELLED where a function of the residuals returned non-zero. A fit
 *         that reaches a limit is TW_OK and says so in its stop.
 */
tw_status tw_least_squares(const tw_residuals *residuals, const tw_tensor *start,
                           const tw_least_squares_options *options, tw_least_squares_result **result) TW_CHECK;

/** Frees a fit. NULL is accepted. */
void tw_least_squares_result_free(tw_least_squares_result *result);

/** [p] */
tw_tensor *tw_least_squares_result_parameters(tw_scope *scope, const tw_least_squares_result *result);
/** r there, [count]. */
tw_tensor *tw_least_squares_result_residuals(tw_scope *scope, const tw_least_squares_result *result);
/** dr/dx there, [count, p]; its rows weighted by the loss. */
tw_tensor *tw_least_squares_result_jacobian(tw_scope *scope, const tw_least_squares_result *result);
/** Of the cost, [p]. */
tw_tensor *tw_least_squares_result_gradient(tw_scope *scope, const tw_least_squares_result *result);
/** int32 [p]: -1 at the lower bound, 1 at the upper, 2 for a fixed parameter, else 0. */
tw_tensor *tw_least_squares_result_active(tw_scope *scope, const tw_least_squares_result *result);
/**
 * The covariance of the parameters, [p, p]: (J' J)^-1 times 2 cost / degrees of
 * freedom, or without that factor if `absolute`: where residuals are in units of their
 * standard deviations. Zeros for parameters at a bound or fixed; NaN for parameters that
 * depend on each other, and without degrees of freedom.
 */
tw_tensor *tw_least_squares_result_covariance(tw_scope *scope, const tw_least_squares_result *result, bool absolute);
/** The roots of its diagonal, [p]. */
tw_tensor *tw_least_squares_result_standard_errors(tw_scope *scope, const tw_least_squares_result *result,
                                                   bool absolute);

/**
 * Intervals of the parameters, lower and upper, [p, 2]: x -+ c s with s the standard error and c that of Student's t
 * with the degrees of freedom, P(|T| <= c) = level; if `absolute`, the normal distribution's. They hold in so far as
 * the residuals are linear between their ends; tw_least_squares_profile_intervals do not need that.
 * @param level  such as 0.95; TW_ERROR_INVALID_ARGUMENT unless 0 < level < 1
 */
tw_tensor *tw_least_squares_result_confidence_intervals(tw_scope *scope, const tw_least_squares_result *result,
                                                        double level, bool absolute);
/**
 * Intervals of functions of the parameters by the delta method, lower and upper, [k, 2]: f -+ c sqrt(g C g' + v), g the
 * gradient of f and C the covariance; c as above.
 * @param values     f at the parameters, [k]
 * @param gradients  [k, p]
 * @param deviations NULL: of the functions themselves (v = 0); else of new observations of them, with standard
 *                   deviations [k] or [1] in the unit of those that the residuals are in: v = s^2 deviation^2, s^2
 *                   being 2 cost / degrees of freedom, or 1 if `absolute`
 * @return NULL with TW_ERROR_SHAPE for sizes that do not fit
 */
tw_tensor *tw_least_squares_result_bands(tw_scope *scope, const tw_least_squares_result *result,
                                         const tw_tensor *values, const tw_tensor *gradients,
                                         const tw_tensor *deviations, double level, bool absolute);
/**
 * Profile-likelihood intervals of the parameters, [p, 2] (Bates and Watts, Nonlinear Regression Analysis and Its
 * Applications, 1988, 6.1): where a parameter, held fast with the others fitted anew, raises twice the cost by
 * c^2 s^2. Where the cost never rises so far the end is infinite, or the bound.
 * @param residuals, options  as the result was made from; the callback is not called
 * @param result   a minimum
 * @return NULL with TW_ERROR_NUMERIC if the parameters depend on each other, there are no degrees of freedom, or a
 *         better fit turned up; else as tw_least_squares
 */
tw_tensor *tw_least_squares_profile_intervals(tw_scope *scope, const tw_residuals *residuals,
                                              const tw_least_squares_result *result,
                                              const tw_least_squares_options *options, double level, bool absolute);

/** Numbers of a fit. */
typedef struct tw_least_squares_summary {
    size_t struct_size;
    tw_least_squares_stop stop;
    /** Half the sum of squares, or of losses. */
    double cost;
    double optimality;
    int64_t iterations;
    /** Of the residuals, those for differences not counted, and of the Jacobian. */
    int64_t evaluations;
    int64_t jacobian_evaluations;
    /** How many of the parameters that may move do so independently. */
    int64_t rank;
    /** count - the number of parameters that may move. */
    int64_t degrees_of_freedom;
} tw_least_squares_summary;

#define TW_LEAST_SQUARES_SUMMARY_INIT                                                              \
    {sizeof(tw_least_squares_summary), TW_LEAST_SQUARES_GRADIENT, 0.0, 0.0, 0, 0, 0, 0, 0}

/** Fills what fits into struct_size. */
tw_status tw_least_squares_result_summary(const tw_least_squares_result *result,
                                          tw_least_squares_summary *summary) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
