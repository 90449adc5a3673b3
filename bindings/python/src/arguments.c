/* Arguments that many functions take: sizes, axes, sequences of tensors, texts. */
#include "talweg_python.h"

int int64_from(PyObject *object, const char *what, int64_t *value) {
    PyObject *index = PyNumber_Index(object);
    if (!index) return -1;
    long long number = PyLong_AsLongLong(index);
    Py_DECREF(index);
    if (number == -1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            PyErr_Clear();
            PyErr_Format(PyExc_ValueError, "%s %S does not fit 64 bits", what, object);
        }
        return -1;
    }
    *value = number;
    return 0;
}

int to_int64(PyObject *object, void *value) {
    return int64_from(object, "integer", value) == 0;
}

int to_uint64(PyObject *object, void *value) {
    PyObject *index = PyNumber_Index(object);
    if (!index) return 0;
    unsigned long long number = PyLong_AsUnsignedLongLong(index);
    Py_DECREF(index);
    if (number == (unsigned long long)-1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            PyErr_Clear();
            PyErr_Format(PyExc_ValueError, "integer %S is outside 0 ... 2^64 - 1", object);
        }
        return 0;
    }
    *(uint64_t *)value = number;
    return 1;
}

/* One integer, or a sequence of up to TW_MAX_RANK of them. */
int sizes_from(PyObject *object, const char *what, Sizes *sizes) {
    if (PyIndex_Check(object)) {
        sizes->rank = 1;
        return int64_from(object, what, &sizes->values[0]);
    }
    PyObject *tuple = PySequence_Tuple(object);
    if (!tuple) return -1;
    Py_ssize_t count = PyTuple_Size(tuple);
    int result = 0;
    if (count > TW_MAX_RANK) {
        PyErr_Format(PyExc_ValueError, "%s: %zd given, a tensor has at most %d axes", what, count, TW_MAX_RANK);
        result = -1;
    }
    for (Py_ssize_t i = 0; result == 0 && i < count; ++i)
        result = int64_from(PyTuple_GetItem(tuple, i), what, &sizes->values[i]);
    sizes->rank = count;
    Py_DECREF(tuple);
    return result;
}

int tensor_shape(State *state, const tw_tensor *tensor, Sizes *shape) {
    if (check(state, tw_tensor_rank(tensor, &shape->rank)) < 0) return -1;
    return check(state, tw_tensor_shape(tensor, shape->values, TW_MAX_RANK));
}

int axes_from(PyObject *object, Sizes *sizes, const int64_t **axes) {
    *axes = NULL;
    sizes->rank = 0;
    if (object == Py_None) return 0;
    *axes = sizes->values;
    return sizes_from(object, "axis", sizes);
}

PyObject *text_from(State *state, tw_status (*write)(const void *, int64_t, char *, size_t, size_t *),
                    const void *object, int64_t index) {
    char small[1024];
    size_t needed = 0;
    if (check(state, write(object, index, small, sizeof small, &needed)) < 0) return NULL;
    if (needed <= sizeof small) return PyUnicode_FromString(small);
    char *text = PyMem_Malloc(needed);
    if (!text) return PyErr_NoMemory();
    PyObject *result = NULL;
    if (check(state, write(object, index, text, needed, NULL)) == 0) result = PyUnicode_FromString(text);
    PyMem_Free(text);
    return result;
}

int tensors_from(State *state, PyObject *sequence, PyObject **keep, tw_tensor ***handles, Py_ssize_t *count) {
    PyObject *objects = PySequence_Tuple(sequence);
    if (!objects) return -1;
    *count = PyTuple_Size(objects);
    *keep = PyTuple_New(*count);
    *handles = PyMem_Calloc((size_t)*count + 1, sizeof(tw_tensor *));
    int result = *keep && *handles ? 0 : -1;
    if (!*handles) PyErr_NoMemory();
    for (Py_ssize_t i = 0; result == 0 && i < *count; ++i) {
        PyObject *tensor = tensor_from(state, PyTuple_GetItem(objects, i), NULL, NULL);
        if (!tensor || PyTuple_SetItem(*keep, i, tensor) < 0) result = -1;
        else (*handles)[i] = TENSOR(tensor);
    }
    Py_DECREF(objects);
    if (result < 0) {
        Py_CLEAR(*keep);
        PyMem_Free(*handles);
    }
    return result;
}
