/**
 * @file total.h
 * Total least squares, for an X that has errors as y has: the coefficients B and intercepts c of
 *
 *     (X + E) B + c = Y + F,   |[E F]| least,
 *
 * by the singular value decomposition (Golub and Van Loan, SIAM J. Numer. Anal. 17, 1980; Van
 * Huffel and Vandewalle, The Total Least Squares Problem, 1991). Of one column with an intercept
 * it is the line of least squared distances, orthogonal regression. Errors of all columns are
 * taken for equally large: divide columns by the size of their errors first. Computed in
 * float64; results have the dtype of X (float64 for integers).
 */
#ifndef TALWEG_TOTAL_H
#define TALWEG_TOTAL_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_total_options {
    size_t struct_size;
    bool intercept;
    /** How many of X's first columns are known without error. */
    int64_t exact_columns;
    /** Row weights [n], 0 or more; NULL: all 1. */
    const tw_tensor *weights;
    /** Singular values that exceed the k-th from the end by less than twice this share of the
        largest count as equal to it; negative: max(n, p + k) times the unit roundoff. A large
        one truncates (Fierro, Golub, Hansen and O'Leary, SIAM J. Sci. Comput. 18, 1997), as
        columns need that depend on each other. */
    double rank_tolerance;
} tw_total_options;

#define TW_TOTAL_OPTIONS_INIT {sizeof(tw_total_options), true, 0, NULL, -1.0}

/** A fit. Holds copies of all it tells. */
typedef struct tw_total_result tw_total_result;

/**
 * Fits y to X by total least squares. Where several solutions are as good, the shortest.
 * @param X        [n, p], n >= 1, finite; a 1-d X [n] counts as one column
 * @param y        [n], or [n, k] for k targets, which share the changes of X, finite
 * @param options  NULL: with an intercept, all columns with errors
 * @return TW_ERROR_SHAPE if rows differ or there are none, TW_ERROR_INVALID_ARGUMENT for
 *         negative weights and exact_columns out of range, TW_ERROR_NUMERIC for a NaN or
 *         infinity, columns without error that depend on each other, and where there is no
 *         solution, since a change of X alone that is as small makes its columns depend on each
 *         other
 */
tw_status tw_total_least_squares(const tw_tensor *X, const tw_tensor *y, const tw_total_options *options,
                                 tw_total_result **result) TW_CHECK;

/** Frees a fit. NULL is accepted. */
void tw_total_result_free(tw_total_result *result);

/* Of k targets: a y of [n] gives shapes without the leading k. */

/** [p] or [k, p]. */
tw_tensor *tw_total_result_coefficients(tw_scope *scope, const tw_total_result *result);
/** [] or [k]; zeros if none was fitted. */
tw_tensor *tw_total_result_intercept(tw_scope *scope, const tw_total_result *result);
/** Of [X Y] (centred, if an intercept is fitted, weighted, without exact columns and what
    they explain), descending, [p - exact_columns + k]. */
tw_tensor *tw_total_result_singular_values(tw_scope *scope, const tw_total_result *result);
/** |[E F]|, weighted: the root of the sum of the squares of the last k singular values. */
tw_status tw_total_result_correction_norm(const tw_total_result *result, double *norm) TW_CHECK;
/** Rank of X + E (centred, if an intercept is fitted): below p where the shortest of several
    solutions was taken. */
tw_status tw_total_result_rank(const tw_total_result *result, int64_t *rank) TW_CHECK;
/** X b + c for new rows [m, p] (or [m] with one column): [m] or [m, k]. */
tw_tensor *tw_total_result_predict(tw_scope *scope, const tw_total_result *result, const tw_tensor *X);

#ifdef __cplusplus
}
#endif

#endif
