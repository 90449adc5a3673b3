/**
 * @file design.h
 * Design matrices: bases of functions of the columns of X, that make a tensor [n, columns] of
 * rows. It goes into tw_lstsq, tw_glm, tw_elastic_net and all other fits alike. A basis keeps
 * what it took from the data that it was made for, ranges and knots, so that new rows are
 * treated alike.
 *
 * A column of ones is left out unless it is asked for, since fits have an intercept.
 */
#ifndef TALWEG_DESIGN_H
#define TALWEG_DESIGN_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_basis tw_basis;

typedef enum tw_polynomial_family {
    TW_POLYNOMIAL_MONOMIAL = 0,
    /** Chebyshev's, of the first kind. */
    TW_POLYNOMIAL_CHEBYSHEV = 1,
    TW_POLYNOMIAL_LEGENDRE = 2
} tw_polynomial_family;

typedef struct tw_polynomial_options {
    size_t struct_size;
    /** The total degree, from 1. */
    int64_t degree;
    tw_polynomial_family family;
    /** Take the range of each column in X to -1...1 first. */
    bool scaled;
    /** Products of several columns, too, up to the total degree. */
    bool interactions;
    /** With the column of ones, the first. */
    bool constant;
} tw_polynomial_options;

#define TW_POLYNOMIAL_OPTIONS_INIT \
    {sizeof(tw_polynomial_options), 3, TW_POLYNOMIAL_CHEBYSHEV, true, true, false}

/**
 * Polynomials of the columns of X [n, d], or [n]: products of those of each, by total degree, and
 * of one degree as in a^2, a b, b^2; without interactions those of each column.
 * @param X        what the ranges are taken from, finite, not empty
 * @param options  NULL: Chebyshev's up to degree 3
 */
tw_status tw_polynomial_basis(const tw_tensor *X, const tw_polynomial_options *options, tw_basis **basis) TW_CHECK;

typedef enum tw_knot_placement {
    /** At quantiles of x, with as many of it between any two (by linear interpolation); the knots
        at the ends are repeated. */
    TW_KNOTS_QUANTILES = 0,
    /** Evenly between the ends, whose knots are repeated. */
    TW_KNOTS_UNIFORM = 1,
    /** Evenly, and on beyond the ends as evenly: for tw_difference_matrix. */
    TW_KNOTS_EXTENDED = 2
} tw_knot_placement;

typedef struct tw_spline_options {
    size_t struct_size;
    /** From 0 to 20; of natural splines 3. */
    int64_t degree;
    /** Cubic splines whose second derivatives at the ends are 0, which go on straight beyond. */
    bool natural;
    /** Inner knots [k], ascending; NULL: `count` of them. */
    const tw_tensor *knots;
    int64_t count;
    tw_knot_placement placement;
    /** The ends; equal ones: the least and the greatest of x. */
    double lower;
    double upper;
    /** With the first function, which the others add up to a constant with. */
    bool constant;
} tw_spline_options;

#define TW_SPLINE_OPTIONS_INIT {sizeof(tw_spline_options), 3, false, NULL, 5, TW_KNOTS_QUANTILES, 0.0, 0.0, false}

/**
 * B-splines of one variable (de Boor, A Practical Guide to Splines, 1978), as R's bs, or natural
 * cubic splines, the space of R's ns. Beyond the ends B-splines go on as the polynomials of the
 * outermost pieces. Columns: inner knots + degree + 1, two fewer of natural ones, one fewer
 * without the constant.
 * @param x        what the ends and quantiles are taken from, [n] or [n, 1], finite, not empty
 * @param options  NULL: cubic, with 5 inner knots at quantiles
 * @return TW_ERROR_INVALID_ARGUMENT for knots that do not ascend between the ends, as quantiles of
 *         data of which many are equal may not
 */
tw_status tw_spline_basis(const tw_tensor *x, const tw_spline_options *options, tw_basis **basis) TW_CHECK;

/** sin(2 pi k x / period) and cos(2 pi k x / period) for k from 1 to `harmonics`, side by side.
    @param constant  with the column of ones, the first */
tw_status tw_fourier_basis(double period, int64_t harmonics, bool constant, tw_basis **basis) TW_CHECK;

/** Of the distance r to a centre over the scale. */
typedef enum tw_radial_kind {
    /** exp(-r^2 / 2) */
    TW_RADIAL_GAUSSIAN = 0,
    /** (1 + r^2)^1/2 */
    TW_RADIAL_MULTIQUADRIC = 1,
    /** (1 + r^2)^-1/2 */
    TW_RADIAL_INVERSE_MULTIQUADRIC = 2,
    /** r^2 ln r */
    TW_RADIAL_THIN_PLATE = 3,
    /** r^3 */
    TW_RADIAL_CUBIC = 4
} tw_radial_kind;

/** Functions of the distances to centres [m, d], or [m] in one dimension: a column a centre.
    @param scale  above 0 */
tw_status tw_radial_basis(const tw_tensor *centers, tw_radial_kind kind, double scale, tw_basis **basis) TW_CHECK;

/** Fills out [rows][columns], row-major, for x [rows][inputs]. Non-zero stops, and the call returns
    TW_ERROR_CANCELLED. */
typedef int (*tw_basis_callback)(void *context, int64_t rows, const double *x, double *out);

/**
 * Functions of the caller's.
 * @param callback  called on the thread of tw_basis_evaluate, once for all rows
 * @param destroy   called once with context when the basis goes, also if the call fails; may be NULL
 */
tw_status tw_callback_basis(int64_t inputs, int64_t columns, tw_basis_callback callback, void *context,
                            void (*destroy)(void *context), tw_basis **basis) TW_CHECK;

/** Frees a basis. NULL is accepted. */
void tw_basis_free(tw_basis *basis);
/** Columns of the design matrix. */
tw_status tw_basis_columns(const tw_basis *basis, int64_t *columns) TW_CHECK;
/** All knots of a spline, those at the ends as often as they count, float64; of other bases [0]. */
tw_tensor *tw_basis_knots(tw_scope *scope, const tw_basis *basis);
/** The design matrix [n, columns] of rows X [n, d] (or [n] for one variable), in the dtype of X
    (float64 for integers). TW_ERROR_NUMERIC for a NaN or infinity. */
tw_tensor *tw_basis_evaluate(tw_scope *scope, const tw_basis *basis, const tw_tensor *X);

/**
 * The matrix [columns - order, columns] of the differences of neighbours of that order, float64.
 * With B the basis of extended knots and D this matrix, the rows sqrt(penalty) D below B, and zeros
 * below y, make least squares a penalised spline (Eilers and Marx, Statistical Science 11, 1996).
 */
tw_tensor *tw_difference_matrix(tw_scope *scope, int64_t columns, int64_t order);

#ifdef __cplusplus
}
#endif

#endif
