/* What pickling and copying of tensors are made of: the elements as bytes, and a tensor of bytes. The rest is
   talweg/_pickle.py. */
#include "talweg_python.h"

PyObject *tensor_tobytes(PyObject *self, PyObject *unused) {
    (void)unused;
    State *state = object_state(self);
    tw_dtype dtype;
    int64_t count;
    if (check(state, tw_tensor_dtype(TENSOR(self), &dtype)) < 0 ||
        check(state, tw_tensor_count(TENSOR(self), &count)) < 0)
        return NULL;
    Py_ssize_t size = (Py_ssize_t)count * (Py_ssize_t)tw_dtype_size(dtype);
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (!bytes) return NULL;
    char *data = PyBytes_AsString(bytes);
    tw_status status;
    UNLOCKED(status = tw_tensor_copy_to(TENSOR(self), data, (size_t)size))
    if (check(state, status) < 0) Py_CLEAR(bytes);
    return bytes;
}

PyObject *tensor_reduce(PyObject *self, PyObject *protocol) {
    PyObject *helper = PyImport_ImportModule("talweg._pickle");
    PyObject *result = helper ? PyObject_CallMethod(helper, "reduce", "OO", self, protocol) : NULL;
    Py_XDECREF(helper);
    return result;
}

/* _from_bytes(buffer, dtype, shape): over the buffer's memory where that is writable, else a copy. */
static PyObject *from_bytes(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object, *dtype_given, *shape;
    tw_dtype dtype;
    Sizes sizes;
    if (!PyArg_ParseTuple(args, "OOO:_from_bytes", &object, &dtype_given, &shape) ||
        dtype_from(state, dtype_given, &dtype) < 0 || sizes_from(shape, "size", &sizes) < 0)
        return NULL;
    Py_buffer *view = PyMem_Malloc(sizeof *view);
    if (!view) return PyErr_NoMemory();
    if (PyObject_GetBuffer(object, view, PyBUF_SIMPLE) < 0) {
        PyMem_Free(view);
        return NULL;
    }
    /* The sizes come from a file: their product is compared without being formed. */
    size_t room = (size_t)view->len / tw_dtype_size(dtype), rest = room;
    bool fits = (size_t)view->len % tw_dtype_size(dtype) == 0, empty = false;
    for (int64_t i = 0; i < sizes.rank; ++i) {
        fits &= sizes.values[i] >= 0;
        empty |= sizes.values[i] == 0;
    }
    for (int64_t i = 0; fits && !empty && i < sizes.rank; ++i) {
        fits = rest % (size_t)sizes.values[i] == 0;
        rest /= (size_t)sizes.values[i];
    }
    if (!fits || (empty ? room != 0 : rest != 1)) {
        PyErr_Format(PyExc_ValueError, "%zd bytes are not the elements of a %s tensor of shape %S", view->len,
                     tw_dtype_name(dtype), shape);
        buffer_release(view);
        return NULL;
    }
    bool shared = !view->readonly && !empty && (uintptr_t)view->buf % tw_dtype_size(dtype) == 0;
    tw_tensor *handle = shared ? tw_tensor_borrow(NULL, view->buf, dtype, sizes.values, NULL, sizes.rank, buffer_release, view)
                               : tw_tensor_from_data(NULL, view->buf, dtype, sizes.values, sizes.rank);
    if (!shared || !handle) buffer_release(view);
    return tensor_wrap(state, handle);
}

PyMethodDef pickle_functions[] = {
    {"_from_bytes", from_bytes, METH_VARARGS, NULL},
    {0},
};
