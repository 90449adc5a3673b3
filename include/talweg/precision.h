/**
 * @file precision.h
 * Mixed precision: training with bfloat16 products.
 */
#ifndef TALWEG_PRECISION_H
#define TALWEG_PRECISION_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Switches mixed precision on or off for this thread; gives what it was. It is off at the start of every thread.
 *
 * Where it is on, tw_linear and tw_matmul of float32, and the layers made of them, round their factors to bfloat16 and
 * sum in float32; everything else, the parameters and the results stay float32 (Kalamkar et al., "A study of BFLOAT16
 * for deep learning training", 2019). Losses need no scaling. The products of a backward pass are as those of its
 * forward pass, whatever is set meanwhile. What a product keeps for its gradient is kept in bfloat16.
 *
 * tw_fit trains in the precision of the thread that calls it.
 *
 * A gain in speed needs a CPU that multiplies bfloat16 (tw_has_bfloat16): on others the same rounding is computed,
 * more slowly than float32.
 */
bool tw_set_mixed_precision(bool enabled);

/** Whether this thread rounds the factors of products to bfloat16. */
bool tw_mixed_precision(void);

/** Whether the kernels in use multiply bfloat16 by instructions of the CPU. */
bool tw_has_bfloat16(void);

#ifdef __cplusplus
}
#endif

#endif
