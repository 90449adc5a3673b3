// The arguments of the attention kernels, passed by pointer.
#pragma once
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// An array of [batch, head, row, column]; strides in elements, which may be 0 or negative.
typedef struct {
  void *_Nullable data;
  ptrdiff_t batch;
  ptrdiff_t head;
  ptrdiff_t row;
  ptrdiff_t column;
} tk_array4;

typedef struct {
  ptrdiff_t heads;        // of q
  ptrdiff_t group;        // heads of q that share one of k and v
  ptrdiff_t queries;      // rows of q
  ptrdiff_t keys;         // rows of k and v
  ptrdiff_t width;        // columns of q and k
  ptrdiff_t value_width;  // columns of v
  double scale;
  int32_t causal;         // query i attends to keys 0 ... i + keys - queries
  double dropout;         // the probability that a weight is zeroed, in [0, 1)
  uint64_t seed;
  uint64_t offset;        // of the first block of random words; see attentionRandomBlocks

  tk_array4 q;
  tk_array4 k;
  tk_array4 v;
  tk_array4 keep;         // bool bytes [batch, head, query, key], 1: attend; or none
  tk_array4 bias;         // added to the scaled products, [batch, head, query, key]; or none
  tk_array4 out;          // [batch, head, query, value_width]
  // [batch, head, query], row-major: log2 of the sum of 2^(x log2 e) over a row's scores x;
  // +infinity for a row that attends to nothing.
  void *_Nullable log_sums;

  // Of the backward pass: the gradient of out, and where those of q, k and v go.
  tk_array4 dout;
  tk_array4 dq;
  tk_array4 dk;
  tk_array4 dv;
} tk_attention;

#pragma clang assume_nonnull end
