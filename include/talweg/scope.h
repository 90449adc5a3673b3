/**
 * @file scope.h
 * Who owns tensors, and where errors go.
 *
 * A function that makes a tensor takes a scope first. The scope owns the
 * tensor until it is cleared or freed, so calls nest like mathematics and
 * everything is released at once:
 *
 *     tw_scope *s = tw_scope_new();
 *     for (int64_t step = 0; step < steps; ++step) {
 *         tw_tensor *loss = tw_mse_loss(s, tw_add(s, tw_matmul(s, x, w), b), y);
 *         if (tw_optimizer_zero_grad(opt) != TW_OK || tw_backward(s, loss) != TW_OK ||
 *             tw_optimizer_step(opt) != TW_OK) break;
 *         tw_scope_clear(s);
 *     }
 *     if (tw_scope_status(s) != TW_OK) fprintf(stderr, "%s\n", tw_scope_message(s));
 *     tw_scope_free(s);
 *
 * (x, w, b and y are in another scope, or kept, since this one is cleared.)
 *
 * A failed call returns NULL, a NULL input gives a NULL output, and the scope
 * keeps the first error: an unchecked error reaches the end as an error, never
 * as zeros.
 *
 * A NULL scope means: the caller owns the result and releases it with
 * tw_release, and the error is the thread's (tw_last_status, tw_last_message).
 */
#ifndef TALWEG_SCOPE_H
#define TALWEG_SCOPE_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An owner of tensors with a sticky first error. */
typedef struct tw_scope tw_scope;

/** An n-dimensional array of one element type; see tensor.h. */
typedef struct tw_tensor tw_tensor;

/** A new, empty scope; NULL if there is no memory. Freed by tw_scope_free. */
tw_scope *tw_scope_new(void);

/** Releases the scope and all tensors that it owns. NULL is accepted. */
void tw_scope_free(tw_scope *scope);

/** Releases all tensors that the scope owns. Its error stays. NULL is accepted. */
void tw_scope_clear(tw_scope *scope);

/** Releases all tensors that the scope owns and forgets its error. NULL is accepted. */
void tw_scope_reset(tw_scope *scope);

/** The first error since the scope was made or reset, or TW_OK;
    TW_ERROR_NULL for NULL. */
tw_status tw_scope_status(const tw_scope *scope);

/** The message of the first error, "" if there is none. Valid until the scope
    is reset or freed. Never NULL. */
const char *tw_scope_message(const tw_scope *scope);

/**
 * Takes a tensor out of its scope: the caller owns it from here on and
 * releases it with tw_release.
 * @return the same handle, or NULL with the thread's error if it is none.
 */
tw_tensor *tw_keep(tw_tensor *tensor);

/** Releases a tensor at once, whoever owns it. NULL is accepted; a handle that
    was released before is left alone. */
void tw_release(tw_tensor *tensor);

#ifdef __cplusplus
}
#endif

#endif
