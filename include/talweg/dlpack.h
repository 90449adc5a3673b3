/**
 * @file dlpack.h
 * Tensors in and out of other libraries without a copy, by DLPack.
 *
 * DLPack is the in-memory format that NumPy, PyTorch, JAX, CuPy and others hand
 * tensors over with: https://dmlc.github.io/dlpack/latest, and its header
 * https://github.com/dmlc/dlpack/blob/main/include/dlpack/dlpack.h. This header needs no
 * other: it names the two managed structs by their tags only, so that the published
 * dlpack.h may be included before or after it. A program without that header looks into
 * them through the tw_dl_... structs below, which have the same layout, after a cast of
 * the pointer.
 *
 * A managed tensor is owned by whoever holds it, and given back by its deleter, once,
 * from any thread. Neither side copies: what one writes the other sees. The elements
 * live until both the managed tensor is deleted and the last tensor over them is
 * released, in whatever order.
 */
#ifndef TALWEG_DLPACK_H
#define TALWEG_DLPACK_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

struct DLManagedTensor;
struct DLManagedTensorVersioned;

/* ---- The layout, that of dlpack.h 1.x ----------------------------------- */

/** Where elements lie: values of tw_dl_device.type that this library reads. */
typedef enum tw_dl_device_type {
    /** The processor's memory: what exports say. */
    TW_DL_CPU = 1,
    /** Pinned memory of the host, by CUDA or ROCm, is read as the processor's. */
    TW_DL_CUDA_HOST = 3,
    TW_DL_ROCM_HOST = 11
} tw_dl_device_type;

/** What elements are: values of tw_dl_dtype.code. */
typedef enum tw_dl_code {
    TW_DL_INT = 0,
    TW_DL_UINT = 1,
    TW_DL_FLOAT = 2,
    TW_DL_BFLOAT = 4,
    TW_DL_COMPLEX = 5,
    TW_DL_BOOL = 6
} tw_dl_code;

/** Bits of tw_dl_managed_tensor_versioned.flags. */
typedef enum tw_dl_flag {
    /** Who gets it must not write. */
    TW_DL_READ_ONLY = 1,
    /** The producer copied. */
    TW_DL_IS_COPIED = 2
} tw_dl_flag;

/** DLDevice. */
typedef struct tw_dl_device {
    int32_t type;
    int32_t id;
} tw_dl_device;

/** DLDataType. */
typedef struct tw_dl_dtype {
    uint8_t code;
    uint8_t bits;
    uint16_t lanes;
} tw_dl_dtype;

/** DLTensor: the first element is byte_offset bytes after data; strides are in elements, NULL
    for row-major. */
typedef struct tw_dl_tensor {
    void *data;
    tw_dl_device device;
    int32_t ndim;
    tw_dl_dtype dtype;
    int64_t *shape;
    int64_t *strides;
    uint64_t byte_offset;
} tw_dl_tensor;

/** DLManagedTensor: the format before version 1. */
typedef struct tw_dl_managed_tensor {
    tw_dl_tensor tensor;
    void *context;
    void (*deleter)(struct tw_dl_managed_tensor *self);
} tw_dl_managed_tensor;

/** DLManagedTensorVersioned: since version 1.0. */
typedef struct tw_dl_managed_tensor_versioned {
    uint32_t major;
    uint32_t minor;
    void *context;
    void (*deleter)(struct tw_dl_managed_tensor_versioned *self);
    uint64_t flags;
    tw_dl_tensor tensor;
} tw_dl_managed_tensor_versioned;

/* ---- Out and in --------------------------------------------------------- */

/**
 * Hands a tensor out, as version 1.0: strides and all, not read-only. The caller, or whom
 * it passes it to, calls its deleter once. Writes to the elements are not told to the
 * tape.
 * @return TW_ERROR_STATE for a tensor that requires a gradient (tw_detach it first);
 *         TW_ERROR_NULL, TW_ERROR_INVALID_HANDLE, TW_ERROR_OUT_OF_MEMORY.
 */
tw_status tw_tensor_to_dlpack_versioned(const tw_tensor *tensor, struct DLManagedTensorVersioned **managed) TW_CHECK;

/** The same in the format before version 1, for a consumer that knows no other. */
tw_status tw_tensor_to_dlpack(const tw_tensor *tensor, struct DLManagedTensor **managed) TW_CHECK;

/**
 * A tensor over the elements of a managed tensor, which it takes: its deleter is called,
 * possibly on another thread, when no tensor uses the elements any more. Elements that are
 * read-only are copied, and the deleter called before the function returns. On failure the
 * managed tensor stays the caller's.
 *
 * NULL, with TW_ERROR_UNSUPPORTED for another major version than 1 or elements on a device;
 * TW_ERROR_DTYPE for a type that there is not, or more than one lane; TW_ERROR_SHAPE for more
 * than TW_MAX_RANK axes, or sizes that are none; TW_ERROR_INVALID_ARGUMENT for an address that
 * is no multiple of the element's size; TW_ERROR_NULL where there are elements but no data, or
 * axes but no shape.
 */
tw_tensor *tw_tensor_from_dlpack_versioned(tw_scope *scope, struct DLManagedTensorVersioned *managed);

/** The same of the format before version 1, which cannot say that elements are read-only. */
tw_tensor *tw_tensor_from_dlpack(tw_scope *scope, struct DLManagedTensor *managed);

#ifdef __cplusplus
}
#endif

#endif
