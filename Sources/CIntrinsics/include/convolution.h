// What a convolution is made of, passed to its kernels by pointer. Counts are in elements unless said.
#pragma once
#include <stdbool.h>
#include <stddef.h>

// One spatial axis. `source` positions are read, `result` positions are written; of a transposed
// convolution the source is the smaller one.
typedef struct {
  ptrdiff_t source;
  ptrdiff_t result;
  ptrdiff_t kernel;
  ptrdiff_t stride;
  ptrdiff_t padding;
  ptrdiff_t dilation;
} tk_axis;

// source [images, groups x channels, height.source, width.source],
// result [images, groups x rows, height.result, width.result], both row-major; a weight has a plane of
// kernel positions, row-major, for each of its (group, row, channel), placed by the three strides.
//
// Direct:     result[p] = sum over k of weight[k] source[p stride - padding + k dilation]
// Transposed: result[p stride - padding + k dilation] += weight[k] source[p]
typedef struct {
  ptrdiff_t images;
  ptrdiff_t groups;
  ptrdiff_t channels;  // of the source, in a group
  ptrdiff_t rows;      // channels of the result, in a group
  tk_axis height;
  tk_axis width;
  bool transposed;
  ptrdiff_t weight_group;
  ptrdiff_t weight_row;
  ptrdiff_t weight_channel;
} tk_convolution;

// How the work on a convolution is cut up; a function of its sizes alone.
typedef struct {
  // Of the grid (see ConvolutionPlan.swift): what one chunk computes.
  ptrdiff_t images;
  ptrdiff_t height;
  ptrdiff_t width;
  ptrdiff_t rows;
  ptrdiff_t depth;  // the most terms of a sum in one pass
  // Whether a tile's columns are channels of the result and its rows positions: see ConvolutionByChannels.
  bool by_channels;
  ptrdiff_t chunks;
  ptrdiff_t packed_bytes;     // the weights in the order of the kernel
  ptrdiff_t packing_chunks;   // in which they may be packed
  ptrdiff_t workspace_bytes;  // of each thread
  // Where a thread's workspace has what, in bytes, after the staged source: the patches as panels, the sums
  // that do not go to the result at once, and the places of a panel's runs. By channels there are no patches,
  // the places are those of the positions and of `taps` taps, and some sums are turned before they are placed.
  ptrdiff_t patches_offset;
  ptrdiff_t sums_offset;
  ptrdiff_t sums_columns;  // the length of a row of the sums, in elements
  ptrdiff_t runs_offset;
  ptrdiff_t taps_offset;
  ptrdiff_t taps;
  ptrdiff_t turned_offset;
} tk_convolution_plan;

// How the work on the gradient to the weights of a direct convolution is cut up: the positions of the result
// into blocks, those into parts, whose sums are added up in order at the end.
typedef struct {
  // Of the result: what one block has.
  ptrdiff_t images;
  ptrdiff_t height;
  ptrdiff_t width;
  ptrdiff_t blocks;
  ptrdiff_t parts;
  bool by_channels;    // how it is summed: see WeightGradientByChannels
  ptrdiff_t channels;  // of the source, that one chunk takes
  ptrdiff_t chunks;
  ptrdiff_t sums_bytes;        // of all parts; 0 if there is one that goes to the gradient at once
  ptrdiff_t finishing_chunks;  // in which the parts are added up; 0 if there is nothing to do
  ptrdiff_t workspace_bytes;
  // In a thread's workspace, after the staged source; by channels there are rows, and the steps of a tap where
  // else the runs are.
  ptrdiff_t patches_offset;
  ptrdiff_t columns_offset;
  ptrdiff_t rows_offset;
  ptrdiff_t runs_offset;
} tk_weight_gradient_plan;

// How pooling is cut up, whose windows are described as a direct convolution of one channel: `images` planes.
typedef struct {
  // Of the result: what is staged at a time.
  ptrdiff_t height;
  ptrdiff_t width;
  ptrdiff_t planes;  // of one chunk
  ptrdiff_t chunks;
  ptrdiff_t workspace_bytes;
  ptrdiff_t columns_offset;  // in the workspace: a number for each column of the block
  bool counts_padding;       // whether an average is over all of a window, or the part inside the source
} tk_pooling_plan;
