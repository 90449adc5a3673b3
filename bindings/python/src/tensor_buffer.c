/* The buffer protocol of tensors: NumPy and memoryview see the elements where
   they lie. */
#include "talweg_python.h"

/* The format of a dtype's elements; NULL for one that the protocol has not. */
static const char *format_of(tw_dtype dtype) {
    switch (dtype) {
    case TW_FLOAT32: return "f";
    case TW_FLOAT64: return "d";
    case TW_FLOAT16: return "e";
    case TW_INT8: return "b";
    case TW_INT16: return "h";
    case TW_INT32: return "i";
    case TW_INT64: return sizeof(long) == 8 ? "l" : "q";
    case TW_UINT8: return "B";
    case TW_UINT16: return "H";
    case TW_UINT32: return "I";
    case TW_UINT64: return sizeof(long) == 8 ? "L" : "Q";
    case TW_BOOL: return "?";
    case TW_BFLOAT16: return NULL;
    }
    return NULL;
}

/* What a view points to besides the elements; lives in view->internal. */
typedef struct {
    Py_ssize_t shape[TW_MAX_RANK];
    Py_ssize_t strides[TW_MAX_RANK];
} Layout;

static int describe(State *state, const tw_tensor *tensor, Py_buffer *view, Layout *layout) {
    tw_dtype dtype;
    Sizes shape;
    int64_t strides[TW_MAX_RANK];
    if (check(state, tw_tensor_dtype(tensor, &dtype)) < 0 || tensor_shape(state, tensor, &shape) < 0 ||
        check(state, tw_tensor_strides(tensor, strides, TW_MAX_RANK)) < 0)
        return -1;
    view->itemsize = (Py_ssize_t)tw_dtype_size(dtype);
    view->format = (char *)format_of(dtype);
    if (!view->format) {
        PyErr_Format(PyExc_BufferError, "buffers and NumPy have no elements of %s: use astype(talweg.float32)",
                     tw_dtype_name(dtype));
        return -1;
    }
    view->ndim = (int)shape.rank;
    view->len = view->itemsize;
    for (int i = 0; i < view->ndim; ++i) {
        layout->shape[i] = (Py_ssize_t)shape.values[i];
        layout->strides[i] = (Py_ssize_t)strides[i] * view->itemsize;
        view->len *= layout->shape[i];
    }
    view->shape = layout->shape;
    view->strides = layout->strides;
    view->suboffsets = NULL;
    return 0;
}

/* Writable only if asked for, which tells the tape, or where no tape looks on. */
static int point(State *state, tw_tensor *tensor, Py_buffer *view, bool writable) {
    static char nothing;
    bool recorded;
    if (writable) {
        if (check(state, tw_tensor_mutable_data(tensor, &view->buf)) < 0) return -1;
        view->readonly = 0;
    } else {
        const void *data;
        if (check(state, tw_tensor_requires_grad(tensor, &recorded)) < 0 ||
            check(state, tw_tensor_data(tensor, &data)) < 0)
            return -1;
        view->buf = (void *)data;
        view->readonly = recorded;
    }
    if (!view->buf) view->buf = &nothing;
    return 0;
}

/* Whether the elements lie as a consumer without strides, or with wishes, needs them. */
static bool fits(const Py_buffer *view, int flags) {
    if ((flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS) return PyBuffer_IsContiguous(view, 'C');
    if ((flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS) return PyBuffer_IsContiguous(view, 'F');
    if ((flags & PyBUF_ANY_CONTIGUOUS) == PyBUF_ANY_CONTIGUOUS) return PyBuffer_IsContiguous(view, 'A');
    return (flags & PyBUF_STRIDES) == PyBUF_STRIDES || PyBuffer_IsContiguous(view, 'C');
}

int tensor_getbuffer(PyObject *self, Py_buffer *view, int flags) {
    State *state = object_state(self);
    view->obj = NULL;
    Layout *layout = PyMem_Malloc(sizeof *layout);
    if (!layout) {
        PyErr_NoMemory();
        return -1;
    }
    if (describe(state, TENSOR(self), view, layout) < 0 ||
        point(state, TENSOR(self), view, (flags & PyBUF_WRITABLE) == PyBUF_WRITABLE) < 0) {
        PyMem_Free(layout);
        return -1;
    }
    if (!fits(view, flags)) {
        PyMem_Free(layout);
        PyErr_SetString(PyExc_BufferError, "the tensor is strided, the consumer wants contiguous memory: use contiguous()");
        return -1;
    }
    if ((flags & PyBUF_STRIDES) != PyBUF_STRIDES) view->strides = NULL;
    if ((flags & PyBUF_ND) != PyBUF_ND) view->shape = NULL;
    if ((flags & PyBUF_FORMAT) != PyBUF_FORMAT) view->format = NULL;
    view->internal = layout;
    view->obj = Py_NewRef(self);
    return 0;
}

void tensor_releasebuffer(PyObject *self, Py_buffer *view) {
    (void)self;
    PyMem_Free(view->internal);
}
