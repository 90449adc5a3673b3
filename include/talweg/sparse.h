/**
 * @file sparse.h
 * Large linear least squares: the x that makes |A x - b|^2 + d^2 |x|^2 least, of a
 * matrix A that is sparse or known by its products with vectors alone. In float64.
 */
#ifndef TALWEG_SPARSE_H
#define TALWEG_SPARSE_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A matrix [rows, columns] by its products with vectors. */
typedef struct tw_operator tw_operator;

/**
 * A copy of a sparse matrix in compressed rows.
 * @param row_offsets     rows + 1 numbers, from 0, never falling: where each row's
 *                        elements begin, and at last their count
 * @param column_indices  of each element; in any order within a row, and what is there
 *                        twice is summed
 * @param values          finite
 * @return TW_ERROR_INVALID_ARGUMENT for sizes or offsets that are none, TW_ERROR_INDEX for
 *         a column that is not there, TW_ERROR_NUMERIC for a NaN or infinity
 */
tw_status tw_operator_from_csr(int64_t rows, int64_t columns, const int64_t *row_offsets,
                               const int64_t *column_indices, const double *values, tw_operator **result) TW_CHECK;

/** Writes the product of a vector: A x or A' y. Non-zero ends the solution with
    TW_ERROR_CANCELLED. */
typedef int (*tw_product_function)(void *context, const double *from, double *to);

/**
 * A matrix by functions.
 * @param multiply             to [rows] = A from [columns]
 * @param multiply_transposed  to [columns] = A' from [rows]
 * @param destroy              called once with context when nothing needs it any more;
 *                             never if this call fails; may be NULL
 */
tw_status tw_operator_from_functions(int64_t rows, int64_t columns, tw_product_function multiply,
                                     tw_product_function multiply_transposed, void *context,
                                     void (*destroy)(void *context), tw_operator **result) TW_CHECK;

/** Frees an operator. NULL is accepted. */
void tw_operator_free(tw_operator *matrix);

/** A x, [rows], or, if `transposed`, A' x, [columns]: float64. */
tw_tensor *tw_operator_multiply(tw_scope *scope, const tw_operator *matrix, const tw_tensor *x, bool transposed);

typedef enum tw_iterative_method {
    /** Paige and Saunders, "LSQR: an algorithm for sparse linear equations and sparse least
        squares", ACM TOMS 8 (1982). */
    TW_ITERATIVE_LSQR = 0,
    /** Conjugate gradients on the normal equations (Hestenes and Stiefel 1952). */
    TW_ITERATIVE_CGLS = 1
} tw_iterative_method;

typedef enum tw_iterative_stop {
    /** The start is the solution. */
    TW_ITERATIVE_START = 0,
    /** A x = b is solved to the tolerances. */
    TW_ITERATIVE_SOLVED = 1,
    /** The least-squares problem is. */
    TW_ITERATIVE_LEAST_SQUARES = 2,
    /** The estimate of the condition number is beyond its limit. */
    TW_ITERATIVE_CONDITION = 3,
    TW_ITERATIVE_ITERATIONS = 7,
    TW_ITERATIVE_CALLBACK = 8
} tw_iterative_stop;

/** After each iteration, with estimates of |b - A x| and |A' (b - A x)|; non-zero stops. */
typedef int (*tw_iterative_callback)(void *context, int64_t iteration, double residual_norm, double gradient_norm);

typedef struct tw_iterative_options {
    size_t struct_size;
    tw_iterative_method method;
    /** d, 0 or more. With a start LSQR damps the correction to it. */
    double damp;
    /** The relative errors of A and of b: the solution is as good as they are. */
    double matrix_tolerance;
    double right_tolerance;
    /** 0: no limit. */
    double condition_limit;
    /** 0: 4 times the columns and 100 more. */
    int64_t max_iterations;
    /** [columns] or NULL: zeros. */
    const tw_tensor *start;
    tw_iterative_callback callback;
    void *context;
} tw_iterative_options;

#define TW_ITERATIVE_OPTIONS_INIT                                                                  \
    {sizeof(tw_iterative_options), TW_ITERATIVE_LSQR, 0.0, 1e-12, 1e-12, 0.0, 0, NULL, NULL, NULL}

typedef struct tw_iterative_summary {
    size_t struct_size;
    tw_iterative_stop stop;
    int64_t iterations;
    /** |b - A x|, with the damping of [A; d I]. */
    double residual_norm;
    /** Of A' (b - A x) - d^2 x. */
    double gradient_norm;
    double solution_norm;
    /** Estimates for [A; d I]: the Frobenius norm and its product with that of the
        inverse; NaN of CGLS. */
    double matrix_norm;
    double condition;
} tw_iterative_summary;

#define TW_ITERATIVE_SUMMARY_INIT {sizeof(tw_iterative_summary), TW_ITERATIVE_START, 0, 0.0, 0.0, 0.0, 0.0, 0.0}

/**
 * Solves.
 * @param b        rows numbers, finite
 * @param options  NULL: TW_ITERATIVE_OPTIONS_INIT
 * @param summary  NULL, or where to write how it went
 * @return x [columns]; NULL with TW_ERROR_SHAPE for sizes that do not fit, TW_ERROR_NUMERIC
 *         for numbers that are not finite, TW_ERROR_CANCELLED where a product function
 *         returned non-zero
 */
tw_tensor *tw_lsqr(tw_scope *scope, const tw_operator *matrix, const tw_tensor *b,
                   const tw_iterative_options *options, tw_iterative_summary *summary);

#ifdef __cplusplus
}
#endif

#endif
