/**
 * @file tensor.h
 * Making tensors, looking into them.
 *
 * A tensor is a strided view of shared storage: reshape, transpose, slice and
 * broadcast give new tensors over the same elements. Its shape has 0 to
 * TW_MAX_RANK sizes, each 0 or more; the default layout is row-major.
 */
#ifndef TALWEG_TENSOR_H
#define TALWEG_TENSOR_H

#include "scope.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The most axes that a tensor can have. */
#define TW_MAX_RANK 8

/** Element types. Values are fixed; later versions append. */
typedef enum tw_dtype {
    TW_FLOAT32 = 0,
    TW_FLOAT64 = 1,
    TW_INT32 = 2,
    TW_INT64 = 3,
    TW_UINT8 = 4,
    /** One byte an element, 0 or 1. */
    TW_BOOL = 5,
    /**
     * IEEE 754's binary16: eleven bits of precision, numbers to 65504. For
     * storage: arithmetic on it is done in float32 and each result rounded to the
     * nearest (halves to even), also those of a sum or of a product of matrices,
     * whose terms are not. Elementary operations, reductions, comparisons, moves,
     * tw_softmax, tw_matmul and tw_linear take it; other functions say TW_ERROR_DTYPE: use
     * tw_cast.
     */
    TW_FLOAT16 = 6,
    /** The upper half of a float32: its range, with eight bits of precision. For
        storage, as TW_FLOAT16 is. In products of matrices numbers below 2^-126 may
        count as 0, as they do in processors' own products of bfloat16. */
    TW_BFLOAT16 = 7,
    TW_INT8 = 8,
    TW_INT16 = 9,
    TW_UINT16 = 10,
    TW_UINT32 = 11,
    TW_UINT64 = 12
} tw_dtype;

/** The size of an element in bytes; 0 for a value that is no dtype. */
size_t tw_dtype_size(tw_dtype dtype);

/** The name of a dtype, such as "float32"; "?" for a value that is none. */
const char *tw_dtype_name(tw_dtype dtype);

/** A seeded source of random numbers: Philox 4x32-10 (Salmon et al., SC 2011),
    a pure function of seed and position. */
typedef struct tw_generator tw_generator;

/** A new generator at position 0 of the stream of `seed`. */
tw_status tw_generator_new(uint64_t seed, tw_generator **generator) TW_CHECK;

/** Frees a generator. NULL is accepted. */
void tw_generator_free(tw_generator *generator);

/** Seed and position, for saving; seed or position may be NULL. NULL generator: the process's. */
tw_status tw_generator_state(const tw_generator *generator, uint64_t *seed, uint64_t *position) TW_CHECK;

/** Sets seed and position. NULL generator: the process's. */
tw_status tw_generator_set_state(tw_generator *generator, uint64_t seed, uint64_t position) TW_CHECK;

/* ---- Making ------------------------------------------------------------ */

/**
 * A tensor with a copy of `data`: row-major elements of `dtype`.
 * @param data   may be NULL only if the tensor has no elements
 * @param shape  `rank` sizes; may be NULL if rank is 0 (a scalar)
 */
tw_tensor *tw_tensor_from_data(tw_scope *scope, const void *data, tw_dtype dtype,
                               const int64_t *shape, int64_t rank);

/**
 * A tensor over the caller's memory, without a copy. The memory is valid until
 * `release(context)` is called, which happens once, when no tensor uses it any
 * more, possibly on another thread; without `release` the caller keeps it valid
 * for as long as any tensor made from this one lives. On failure `release` is
 * not called.
 * @param strides  in elements, `rank` of them; NULL means row-major
 * @param release  may be NULL
 */
tw_tensor *tw_tensor_borrow(tw_scope *scope, void *data, tw_dtype dtype, const int64_t *shape,
                            const int64_t *strides, int64_t rank,
                            void (*release)(void *context), void *context);

/** A 0-d tensor. A value that the dtype cannot hold is TW_ERROR_INVALID_ARGUMENT. */
tw_tensor *tw_scalar(tw_scope *scope, double value, tw_dtype dtype);

/** Zeros. */
tw_tensor *tw_zeros(tw_scope *scope, const int64_t *shape, int64_t rank, tw_dtype dtype);

/** Ones. */
tw_tensor *tw_ones(tw_scope *scope, const int64_t *shape, int64_t rank, tw_dtype dtype);

/** Every element `value`. A value that the dtype cannot hold is TW_ERROR_INVALID_ARGUMENT. */
tw_tensor *tw_full(tw_scope *scope, const int64_t *shape, int64_t rank, double value, tw_dtype dtype);

/** start, start + step, ... up to but without stop: ceil((stop - start) / step)
    elements, none if that is not positive. step 0 is TW_ERROR_INVALID_ARGUMENT. */
tw_tensor *tw_arange(tw_scope *scope, double start, double stop, double step, tw_dtype dtype);

/** The same of whole numbers, exact where a double is not. */
tw_tensor *tw_arange_int64(tw_scope *scope, int64_t start, int64_t stop, int64_t step, tw_dtype dtype);

/** `count` evenly spaced values from start to stop, both included. */
tw_tensor *tw_linspace(tw_scope *scope, double start, double stop, int64_t count, tw_dtype dtype);

/** rows x columns with ones on the main diagonal. */
tw_tensor *tw_eye(tw_scope *scope, int64_t rows, int64_t columns, tw_dtype dtype);

/** Normal numbers (Box-Muller) of a floating dtype. NULL generator: the process's. */
tw_tensor *tw_random_normal(tw_scope *scope, tw_generator *generator, const int64_t *shape, int64_t rank,
                            double mean, double standard_deviation, tw_dtype dtype);

/** Uniform numbers in [low, high) of a floating dtype. NULL generator: the process's. */
tw_tensor *tw_random_uniform(tw_scope *scope, tw_generator *generator, const int64_t *shape, int64_t rank,
                             double low, double high, tw_dtype dtype);

/** A random order of 0 ... count - 1, as int64 [count]. NULL generator: the process's. */
tw_tensor *tw_random_permutation(tw_scope *scope, tw_generator *generator, int64_t count);

/** The positions of an axis of x in a random order; the gradient goes back to them. */
tw_tensor *tw_random_permuted(tw_scope *scope, tw_generator *generator, const tw_tensor *x, int64_t axis);

/** Whole numbers low ... high - 1, all equally likely (Lemire, ACM TOMACS 29, 2019), of an
    integer dtype that holds them. NULL generator: the process's. */
tw_tensor *tw_random_integers(tw_scope *scope, tw_generator *generator, const int64_t *shape, int64_t rank,
                              int64_t low, int64_t high, tw_dtype dtype);

/** Exponential numbers of a floating dtype with mean `scale`, 0 or more. NULL generator: the process's. */
tw_tensor *tw_random_exponential(tw_scope *scope, tw_generator *generator, const int64_t *shape, int64_t rank,
                                 double scale, tw_dtype dtype);

/** Whether each of independent events happens, as bool, for their probabilities in [0, 1]. NULL generator: the
    process's. */
tw_tensor *tw_random_bernoulli(tw_scope *scope, tw_generator *generator, const tw_tensor *probabilities);

/**
 * Positions of the last axis of `weights` [.., n], drawn `count` times for each of
 * the others: int64 [.., count]. Weights are 0 or more and need not sum to 1.
 * Without replacement a position is drawn once at most, as if one after another
 * (by the greatest log weight + Gumbel number: Kool, van Hoof and Welling, ICML
 * 2019). NULL generator: the process's.
 * @return NULL with TW_ERROR_INVALID_ARGUMENT for a weight that is negative, NaN or
 *         infinite, a row of zeros, and without replacement for more draws than
 *         weights that are not 0
 */
tw_tensor *tw_random_categorical(tw_scope *scope, tw_generator *generator, const tw_tensor *weights,
                                 int64_t count, bool replacement);
/** The same for the weights' logarithms; -INFINITY is a weight of 0. */
tw_tensor *tw_random_categorical_logits(tw_scope *scope, tw_generator *generator, const tw_tensor *logits,
                                        int64_t count, bool replacement);

/** A row-major copy with its own storage; the gradient passes through. */
tw_tensor *tw_copy(tw_scope *scope, const tw_tensor *tensor);

/** The tensor itself if it is row-major, else a row-major copy. */
tw_tensor *tw_contiguous(tw_scope *scope, const tw_tensor *tensor);

/** The elements converted to `dtype`. Floating to integer truncates towards 0
    and saturates; NaN becomes 0. Integer to integer keeps the low bits; to bool
    is != 0. To a floating type rounds once, to the nearest, halves to even, beyond
    the greatest to infinity. */
tw_tensor *tw_cast(tw_scope *scope, const tw_tensor *tensor, tw_dtype dtype);

/* ---- Looking ----------------------------------------------------------- */

tw_status tw_tensor_dtype(const tw_tensor *tensor, tw_dtype *dtype) TW_CHECK;
tw_status tw_tensor_rank(const tw_tensor *tensor, int64_t *rank) TW_CHECK;

/** The number of elements. */
tw_status tw_tensor_count(const tw_tensor *tensor, int64_t *count) TW_CHECK;

/** The size of one axis; negative axes count from the end. */
tw_status tw_tensor_size(const tw_tensor *tensor, int64_t axis, int64_t *size) TW_CHECK;

/** All sizes: writes `rank` values to `shape`, which has room for `capacity`. */
tw_status tw_tensor_shape(const tw_tensor *tensor, int64_t *shape, int64_t capacity) TW_CHECK;

/** All strides, in elements: writes `rank` values to `strides`, which has room
    for `capacity`. */
tw_status tw_tensor_strides(const tw_tensor *tensor, int64_t *strides, int64_t capacity) TW_CHECK;

/** The only element, as double. More or fewer than one is TW_ERROR_SHAPE. */
tw_status tw_tensor_item(const tw_tensor *tensor, double *value) TW_CHECK;

/** The only element, as int64; for integer and bool tensors. A uint64 that is no
    int64 is TW_ERROR_INVALID_ARGUMENT. */
tw_status tw_tensor_item_int64(const tw_tensor *tensor, int64_t *value) TW_CHECK;

/** The only element, as uint64; for integer and bool tensors. A negative one is
    TW_ERROR_INVALID_ARGUMENT. */
tw_status tw_tensor_item_uint64(const tw_tensor *tensor, uint64_t *value) TW_CHECK;

/** Copies the elements, row-major in the tensor's dtype, to `data`, which has
    room for `capacity` bytes. */
tw_status tw_tensor_copy_to(const tw_tensor *tensor, void *data, size_t capacity) TW_CHECK;

/** Copies the elements, row-major and converted to double, to `data`, which has
    room for `capacity` values. */
tw_status tw_tensor_to_double(const tw_tensor *tensor, double *data, int64_t capacity) TW_CHECK;

/** The address of the first element; others follow by tw_tensor_strides. Valid
    while the tensor, or a view of it, lives. */
tw_status tw_tensor_data(const tw_tensor *tensor, const void **data) TW_CHECK;

/** The same for writing. Tells the tape that the elements change: a gradient
    that needs the old ones is refused. */
tw_status tw_tensor_mutable_data(tw_tensor *tensor, void **data) TW_CHECK;

/** Overwrites the elements of `tensor` with those of `source` (same shape after
    broadcasting, converted to its dtype), in place and without a gradient. The
    result of a recorded operation, whose gradient would be wrong, is
    TW_ERROR_STATE while this thread records. */
tw_status tw_tensor_assign(tw_tensor *tensor, const tw_tensor *source) TW_CHECK;

/**
 * The elements as text, laid out as NumPy prints them, shortened beyond 1,000
 * elements. Writes at most `capacity` bytes with the final NUL.
 * @param needed  may be NULL; the bytes that the whole text takes, with the NUL,
 *                written also when capacity is too small (the text is then cut
 *                at a character and the call still succeeds)
 */
tw_status tw_tensor_to_string(const tw_tensor *tensor, char *text, size_t capacity, size_t *needed) TW_CHECK;

/**
 * The same with commas between the elements, as NumPy's repr has them: for a text that stands in
 * brackets behind `prefix_length` characters of its first line, by which the others are indented.
 * @param prefix_length  0 to 75; others are TW_ERROR_INVALID_ARGUMENT
 */
tw_status tw_tensor_to_literal(const tw_tensor *tensor, int64_t prefix_length, char *text, size_t capacity,
                               size_t *needed) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
