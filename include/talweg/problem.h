/**
 * @file problem.h
 * Nonlinear least squares of many small residual blocks, each of a few of many parameter blocks:
 *
 *     1/2 sum_b C_b^2 rho_b(|r_b|^2 / C_b^2)
 *
 * as in bundle adjustment and pose graphs, by Levenberg-Marquardt on sparse normal equations. In float64.
 *
 *   tw_problem *problem = NULL;
 *   int64_t cameras, points;
 *   tw_parameter_blocks camera = TW_PARAMETER_BLOCKS_INIT, point = TW_PARAMETER_BLOCKS_INIT;
 *   camera.size = 6;
 *   point.size = 3;
 *   tw_problem_new(&problem);
 *   tw_problem_add_parameters(problem, &camera, 3, camera_values, &cameras);
 *   tw_problem_add_parameters(problem, &point, 7, point_values, &points);
 *   tw_residual_blocks seen = TW_RESIDUAL_BLOCKS_INIT;
 *   seen.residual_count = 2;
 *   seen.block_count = 2;
 *   seen.function = reprojection;
 *   tw_problem_add_residuals(problem, &seen, blocks, 21);
 *   tw_problem_solve(problem, NULL, NULL);
 *
 * The problem owns copies of the parameters; tw_problem_get_parameters reads them. The callbacks run on the thread
 * that calls tw_problem_solve, one at a time, and may not use the problem (TW_ERROR_STATE); the linear algebra takes
 * several threads and gives the same bits on any number of them.
 */
#ifndef TALWEG_PROBLEM_H
#define TALWEG_PROBLEM_H

#include "nonlinear.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Parameter blocks, residual blocks, and what the last solve told. */
typedef struct tw_problem tw_problem;

tw_status tw_problem_new(tw_problem **problem) TW_CHECK;
/** Frees a problem. NULL is accepted. */
void tw_problem_free(tw_problem *problem);

/* ---- Parameters -------------------------------------------------------------------------------------------------- */

/** The space that a block lies in, and how a step d in its tangent space moves its values x. */
typedef enum tw_manifold {
    /** x + d */
    TW_MANIFOLD_EUCLIDEAN = 0,
    /** x + d, the last number an angle that is kept in -pi ... pi: an angle (size 1), a planar pose x, y, angle (3) */
    TW_MANIFOLD_ANGLE_LAST = 1,
    /** A unit quaternion (w, x, y, z), size 4: exp(d / 2) x, d [3] a rotation vector */
    TW_MANIFOLD_QUATERNION = 2,
    /** The same with numbers behind it to which the rest of d is added: a pose (w, x, y, z, translation) has size 7
        and steps of 6 */
    TW_MANIFOLD_QUATERNION_FIRST = 3,
    /** A vector that keeps its length: turned by d, of one number fewer, across it */
    TW_MANIFOLD_SPHERE = 4,
    /** By the functions plus and plus_jacobian, with steps of tangent_size */
    TW_MANIFOLD_CUSTOM = 5
} tw_manifold;

/** Writes x moved by d, x itself for d = 0. Non-zero ends the call with TW_ERROR_CANCELLED. */
typedef int (*tw_plus_function)(void *context, const double *x, const double *d, double *moved);
/** Writes the derivatives of plus by d at d = 0, [size, tangent_size], row-major. Non-zero as above. */
typedef int (*tw_plus_jacobian_function)(void *context, const double *x, double *jacobian);

typedef enum tw_elimination {
    /** By the structure. */
    TW_ELIMINATION_AUTOMATIC = 0,
    /** The Schur complement eliminates it; no residual block may have two such. Then the structure chooses none. */
    TW_ELIMINATION_FIRST = 1,
    /** Never. */
    TW_ELIMINATION_NEVER = 2
} tw_elimination;

/** What parameter blocks that are alike have in common. */
typedef struct tw_parameter_blocks {
    size_t struct_size;
    /** How many numbers each has, 1 to 65536. */
    int64_t size;
    /** They stay what they are. */
    bool constant;
    tw_elimination elimination;
    tw_manifold manifold;
    /** Of TW_MANIFOLD_CUSTOM, which needs all of these but the context. */
    int64_t tangent_size;
    tw_plus_function plus;
    tw_plus_jacobian_function plus_jacobian;
    void *context;
    /** [size] or NULL, for TW_MANIFOLD_EUCLIDEAN: bounds of each block's numbers. Infinite ones are none, equal ones
        fix a number. Copied. */
    const double *lower;
    const double *upper;
} tw_parameter_blocks;

#define TW_PARAMETER_BLOCKS_INIT                                                                   \
    {sizeof(tw_parameter_blocks), 1, false, TW_ELIMINATION_AUTOMATIC, TW_MANIFOLD_EUCLIDEAN, 0, NULL, NULL, NULL, \
     NULL, NULL}

/**
 * Adds parameter blocks.
 * @param blocks  NULL: TW_PARAMETER_BLOCKS_INIT
 * @param count   how many, 1 or more
 * @param values  [count, size], finite, within the bounds; quaternions of length 1. Copied.
 * @param first   the number of the first one, from 0 in a problem; the others' follow. May be NULL.
 * @return TW_ERROR_SHAPE for sizes that there are not; TW_ERROR_NUMERIC for values that are not finite;
 *         TW_ERROR_INVALID_ARGUMENT for bounds that exclude the values, and values off their manifold
 */
tw_status tw_problem_add_parameters(tw_problem *problem, const tw_parameter_blocks *blocks, int64_t count,
                                    const double *values, int64_t *first) TW_CHECK;
/** Copies a block's values, as many as it has.
    @param capacity  how many numbers there is room for; TW_ERROR_SHAPE if that is too few
    @return TW_ERROR_INDEX for a block that there is not; so do the next two */
tw_status tw_problem_get_parameters(const tw_problem *problem, int64_t block, double *values,
                                    int64_t capacity) TW_CHECK;
/** Sets a block's values.
    @param count  how many are given; TW_ERROR_SHAPE unless the block has so many. Other errors as for adding. */
tw_status tw_problem_set_parameters(tw_problem *problem, int64_t block, const double *values, int64_t count) TW_CHECK;
/** Holds a block where it is, or lets it move again. */
tw_status tw_problem_set_constant(tw_problem *problem, int64_t block, bool constant) TW_CHECK;

/* ---- Residuals --------------------------------------------------------------------------------------------------- */

/**
 * Writes the residuals of one block, [residual_count], and perhaps their derivatives.
 * @param index       which of the blocks that were added with it, from 0
 * @param parameters  [block_count]: the values of each of its parameter blocks
 * @param jacobians   NULL: none is wanted; else [block_count]: for each parameter block NULL, or where to write the
 *                    derivatives by its values, [residual_count, size], row-major, all of them
 * @return non-zero ends the call with TW_ERROR_CANCELLED. Residuals that are not finite say that they have no value
 *         there: the step is refused (where the parameters are at first: TW_ERROR_NUMERIC).
 */
typedef int (*tw_block_function)(void *context, int64_t index, const double *const *parameters, double *residuals,
                                 double *const *jacobians);
/**
 * The same of many blocks at once, from `first` on: parameters [block_count] of [count, size], residuals
 * [count, residual_count], jacobians [block_count] of [count, residual_count, size].
 */
typedef int (*tw_block_batch_function)(void *context, int64_t first, int64_t count, const double *const *parameters,
                                       double *residuals, double *const *jacobians);

/** What residual blocks that are alike have in common. */
typedef struct tw_residual_blocks {
    size_t struct_size;
    /** How many residuals each has, and of how many parameter blocks. */
    int64_t residual_count;
    int64_t block_count;
    /** One of these. */
    tw_block_function function;
    tw_block_batch_function batch;
    /** Whether it writes derivatives; else they are found by differences. */
    bool derivatives;
    /** Of a block's squared length. */
    tw_residual_loss loss;
    /** C, above 0: the length beyond which a block counts less. */
    double loss_scale;
    void *context;
} tw_residual_blocks;

#define TW_RESIDUAL_BLOCKS_INIT                                                                    \
    {sizeof(tw_residual_blocks), 1, 1, NULL, NULL, false, TW_RESIDUAL_LINEAR, 1.0, NULL}

/**
 * Adds residual blocks.
 * @param blocks      [count, block_count]: the numbers of each one's parameter blocks, no number twice in one; at one
 *                    place all of one size. Copied.
 * @param count       how many, 1 or more
 * @return TW_ERROR_INDEX for a parameter block that there is not; TW_ERROR_INVALID_ARGUMENT for one that is twice in a
 *         residual block, and for counts below 1; TW_ERROR_SHAPE for sizes that differ; TW_ERROR_NULL without a
 *         function
 */
tw_status tw_problem_add_residuals(tw_problem *problem, const tw_residual_blocks *residuals, const int64_t *blocks,
                                   int64_t count) TW_CHECK;

/** The residuals where the parameters are, [all], in the order in which they were added. Calls the functions. */
tw_tensor *tw_problem_residuals(tw_scope *scope, tw_problem *problem);
/** The cost there. Infinite where a residual is not finite. */
tw_status tw_problem_cost(tw_problem *problem, double *cost) TW_CHECK;

/* ---- Solving ----------------------------------------------------------------------------------------------------- */

/** How the steps are solved for, all by the normal equations, with as much damping as keeps them positive. */
typedef enum tw_problem_solver {
    /** By the problem's size and structure. */
    TW_PROBLEM_SOLVER_AUTOMATIC = 0,
    TW_PROBLEM_SOLVER_DENSE_CHOLESKY = 1,
    /** In an order that keeps the factor sparse, of minimum degree: pose graphs. */
    TW_PROBLEM_SOLVER_SPARSE_CHOLESKY = 2,
    /** Blocks that share no residual are eliminated by the Schur complement, which is dense: bundle adjustment, */
    TW_PROBLEM_SOLVER_DENSE_SCHUR = 3,
    /** or sparse: of many cameras. */
    TW_PROBLEM_SOLVER_SPARSE_SCHUR = 4
} tw_problem_solver;

typedef struct tw_problem_options {
    size_t struct_size;
    tw_problem_solver solver;
    /** Of blocks without derivatives. */
    tw_difference_scheme differences;
    /** Stop when a step changes the cost by less than this share, */
    double cost_tolerance;
    /** when steps are shorter than this share of the parameters, */
    double step_tolerance;
    /** or when the largest cosine between the residuals and a column of the Jacobian is at most this. */
    double gradient_tolerance;
    /** When rounding hides the cost's last changes, go on by full steps while the gradient shrinks. */
    bool polish;
    /** Steps taken. */
    int64_t max_iterations;
    /** 0: no limit. Those for differences do not count. */
    int64_t max_evaluations;
    /** 0: no limit. */
    double max_seconds;
    /** At first, beside a matrix with a diagonal of ones. */
    double first_damping;
    /** After each step taken, with the values of all parameter blocks, in the order in which they were added. */
    tw_least_squares_callback callback;
    void *context;
} tw_problem_options;

#define TW_PROBLEM_OPTIONS_INIT                                                                    \
    {sizeof(tw_problem_options), TW_PROBLEM_SOLVER_AUTOMATIC, TW_DIFFERENCES_AUTOMATIC, 1e-12, 1e-14, 0.0, true, \
     200, 0, 0.0, 1e-4, NULL, NULL}

typedef struct tw_problem_summary {
    size_t struct_size;
    tw_least_squares_stop stop;
    /** What was used. */
    tw_problem_solver solver;
    double initial_cost;
    double final_cost;
    /** The largest cosine between the residuals and a column of the Jacobian. */
    double optimality;
    int64_t iterations;
    /** Of all residuals, those for differences not counted, and of the Jacobian. */
    int64_t evaluations;
    int64_t jacobian_evaluations;
    double seconds;
    /** How many residuals there are, and how many numbers a step has. */
    int64_t residual_count;
    int64_t unknown_count;
    /** Of the parameter blocks that move. */
    int64_t eliminated_blocks;
    int64_t kept_blocks;
    /** Numbers in the factor of what is kept. */
    int64_t factor_nonzeros;
} tw_problem_summary;

#define TW_PROBLEM_SUMMARY_INIT                                                                    \
    {sizeof(tw_problem_summary), TW_LEAST_SQUARES_GRADIENT, TW_PROBLEM_SOLVER_AUTOMATIC, 0.0, 0.0, 0.0, 0, 0, 0, \
     0.0, 0, 0, 0, 0, 0}

/**
 * Moves the parameters to where the sum is least, near where they are.
 * @param options  NULL: TW_PROBLEM_OPTIONS_INIT
 * @param summary  may be NULL
 * @return TW_ERROR_STATE without residual blocks; TW_ERROR_NUMERIC for residuals that are not finite at the start or
 *         derivatives that are not finite at a point reached; TW_ERROR_CANCELLED where a function returned non-zero;
 *         TW_ERROR_INVALID_ARGUMENT for blocks that are to be eliminated first and share a residual. After an error
 *         the parameters are what they were. A limit, or the options' callback, ends it with TW_OK and what was
 *         reached. Without blocks that may move nothing changes, and the stop is TW_LEAST_SQUARES_GRADIENT.
 */
tw_status tw_problem_solve(tw_problem *problem, const tw_problem_options *options,
                           tw_problem_summary *summary) TW_CHECK;

/** Some lines about the last solve that succeeded, cut to fit.
    @param needed  may be NULL: the bytes that the whole takes, with its NUL
    @return TW_ERROR_STATE before there was one */
tw_status tw_problem_report(const tw_problem *problem, char *text, size_t capacity, size_t *needed) TW_CHECK;

/**
 * The covariance of some blocks where they are, [n, n], n their numbers in all: (J' J)^-1 times 2 cost / (residuals -
 * unknowns), or without that factor if `absolute`: where residuals are in units of their standard deviations. Of a
 * block on a manifold it is that of its values, whose rank is that of the tangent space. Zeros for blocks that are
 * constant or in no residual, and numbers on a bound.
 * @return NULL with TW_ERROR_NUMERIC where the residuals do not determine all parameters that may move: hold some, such
 *         as the first pose, constant
 */
tw_tensor *tw_problem_covariance(tw_scope *scope, tw_problem *problem, const int64_t *blocks, int64_t count,
                                 bool absolute);

#ifdef __cplusplus
}
#endif

#endif
