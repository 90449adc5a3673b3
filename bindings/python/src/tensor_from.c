/* Tensors of NumPy arrays, other buffers, numbers and nested lists. */
#include "talweg_python.h"

#include <string.h>

/* The dtype of a buffer's elements; false for a format that no dtype has. */
static bool format_dtype(const char *format, Py_ssize_t itemsize, tw_dtype *dtype) {
    if (!format) format = "B";
    if (*format == '@' || *format == '=' || (*format == '<' && PY_LITTLE_ENDIAN)) ++format;
    if (strlen(format) != 1) return false;
    switch (*format) {
    case '?': *dtype = TW_BOOL; return itemsize == 1;
    case 'b': *dtype = TW_INT8; return true;
    case 'B': *dtype = TW_UINT8; return true;
    case 'h': *dtype = TW_INT16; return itemsize == 2;
    case 'H': *dtype = TW_UINT16; return itemsize == 2;
    case 'e': *dtype = TW_FLOAT16; return true;
    case 'f': *dtype = TW_FLOAT32; return true;
    case 'd': *dtype = TW_FLOAT64; return true;
    case 'i':
    case 'l':
    case 'q': *dtype = itemsize == 4 ? TW_INT32 : TW_INT64; return itemsize == 4 || itemsize == 8;
    case 'I':
    case 'L':
    case 'Q': *dtype = itemsize == 4 ? TW_UINT32 : TW_UINT64; return itemsize == 4 || itemsize == 8;
    default: return false;
    }
}

/* The dtype, of those that buffers have, that holds every value of a NumPy dtype; NULL where none does. */
static const char *buffer_name(const char *name) {
    if (strcmp(name, "bfloat16") == 0) return "float32";
    for (int code = 0; code < DTYPE_CODES; ++code)
        if (strcmp(name, tw_dtype_name((tw_dtype)code)) == 0) return tw_dtype_name((tw_dtype)code);
    return NULL;
}

/* An own row-major NumPy array of a dtype that NumPy has and Talweg too, in native byte order. `was_bfloat16` tells
   whether that holds what was bfloat16 (of the package ml_dtypes). */
static PyObject *numpy_copy(State *state, PyObject *object, const tw_dtype *dtype, bool *was_bfloat16) {
    PyObject *asarray = numpy_get(state, "asarray");
    PyObject *array = NULL, *numpy_dtype = NULL, *name = NULL, *result = NULL;
    if (!asarray) goto done;
    array = dtype && *dtype != TW_BFLOAT16 ? PyObject_CallFunction(asarray, "Os", object, tw_dtype_name(*dtype))
                                           : PyObject_CallFunctionObjArgs(asarray, object, NULL);
    if (!array || !(numpy_dtype = PyObject_GetAttrString(array, "dtype")) ||
        !(name = PyObject_GetAttrString(numpy_dtype, "name")))
        goto done;
    const char *text = PyUnicode_AsUTF8AndSize(name, NULL);
    if (!text) goto done;
    *was_bfloat16 = strcmp(text, "bfloat16") == 0;
    const char *own = buffer_name(text);
    if (own)
        result = PyObject_CallMethod(array, "astype", "ss", own, "C");
    else
        PyErr_Format(PyExc_TypeError, "no tensor is made of elements of dtype %s (from %R)", text,
                     Py_TYPE(object));
done:
    Py_XDECREF(asarray);
    Py_XDECREF(array);
    Py_XDECREF(numpy_dtype);
    Py_XDECREF(name);
    return result;
}

void buffer_release(void *context) {
    if (!Py_IsInitialized()) return;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyBuffer_Release(context);
    PyMem_Free(context);
    PyErr_Restore(type, value, traceback);
    PyGILState_Release(lock);
}

/* Whether the engine can walk the elements where they lie. */
static bool can_borrow(const Py_buffer *view, tw_dtype dtype) {
    Py_ssize_t size = (Py_ssize_t)tw_dtype_size(dtype);
    if (view->readonly || view->itemsize != size || (uintptr_t)view->buf % (uintptr_t)size != 0) return false;
    for (int i = 0; i < view->ndim; ++i)
        if (view->strides[i] % size != 0) return false;
    return true;
}

/* A tensor over the buffer, which it takes. */
static PyObject *borrow(State *state, Py_buffer *view, tw_dtype dtype) {
    int64_t shape[TW_MAX_RANK], strides[TW_MAX_RANK];
    bool empty = false;
    for (int i = 0; i < view->ndim; ++i) {
        shape[i] = view->shape[i];
        strides[i] = view->strides[i] / view->itemsize;
        empty |= shape[i] == 0;
    }
    tw_tensor *tensor;
    if (empty) {
        tensor = tw_tensor_from_data(NULL, NULL, dtype, shape, view->ndim);
        buffer_release(view);
    } else {
        tensor = tw_tensor_borrow(NULL, view->buf, dtype, shape, strides, view->ndim, buffer_release, view);
        if (!tensor) buffer_release(view);
    }
    return tensor_wrap(state, tensor);
}

/* NULL without an exception where the memory cannot be shared. */
static PyObject *share(State *state, PyObject *object, const tw_dtype *dtype) {
    Py_buffer *view = PyMem_Malloc(sizeof *view);
    if (!view) return PyErr_NoMemory();
    if (PyObject_GetBuffer(object, view, PyBUF_STRIDED_RO | PyBUF_FORMAT) < 0) {
        PyErr_Clear();
        PyMem_Free(view);
        return NULL;
    }
    if (view->ndim > TW_MAX_RANK) {
        PyErr_Format(PyExc_ValueError, "%d axes: a tensor has at most %d", view->ndim, TW_MAX_RANK);
        buffer_release(view);
        return NULL;
    }
    tw_dtype found;
    if (!format_dtype(view->format, view->itemsize, &found) || !can_borrow(view, found)) {
        buffer_release(view);
        return NULL;
    }
    PyObject *tensor = borrow(state, view, found);
    if (!tensor || !dtype || *dtype == found) return tensor;
    PyObject *converted = tensor_cast(state, tensor, *dtype);
    Py_DECREF(tensor);
    return converted;
}

bool is_number(PyObject *object) {
    return PyFloat_Check(object) || PyLong_Check(object);
}

/* Says of a number that raised an OverflowError that it does not fit; other errors stay. */
static PyObject *refuse(PyObject *number, tw_dtype dtype) {
    if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
        PyErr_Clear();
        PyErr_Format(PyExc_ValueError, "number %S does not fit %s", number, tw_dtype_name(dtype));
    }
    return NULL;
}

static PyObject *number_of(State *state, PyObject *number, tw_dtype dtype) {
    if (dtype == TW_INT64 && PyLong_Check(number)) {
        int64_t whole;
        if (int64_from(number, "number", &whole) < 0) return NULL;
        return tensor_wrap(state, tw_tensor_from_data(NULL, &whole, TW_INT64, NULL, 0));
    }
    if (dtype == TW_UINT64 && PyLong_Check(number)) {
        uint64_t whole = PyLong_AsUnsignedLongLong(number);
        if (whole == (uint64_t)-1 && PyErr_Occurred()) return refuse(number, dtype);
        return tensor_wrap(state, tw_tensor_from_data(NULL, &whole, TW_UINT64, NULL, 0));
    }
    double value = PyFloat_AsDouble(number);
    if (value == -1 && PyErr_Occurred()) return refuse(number, dtype);
    return tensor_wrap(state, tw_scalar(NULL, value, dtype));
}

PyObject *number_beside(State *state, PyObject *number, tw_dtype dtype) {
    if (PyFloat_Check(number) && !dtype_is_floating(dtype)) dtype = TW_FLOAT64;
    else if (dtype == TW_BOOL && !PyBool_Check(number)) dtype = TW_INT64;
    return number_of(state, number, dtype);
}

PyObject *tensor_cast(State *state, PyObject *tensor, tw_dtype dtype) {
    tw_dtype present;
    if (check(state, tw_tensor_dtype(TENSOR(tensor), &present)) < 0) return NULL;
    if (present == dtype) return Py_NewRef(tensor);
    tw_tensor *result;
    UNLOCKED(result = tw_cast(NULL, TENSOR(tensor), dtype))
    return tensor_wrap(state, result);
}

/* As PyTorch's tensors: no buffer, but DLPack. */
static bool has_dlpack_alone(PyObject *object) {
    return !PyObject_CheckBuffer(object) && !PyList_Check(object) && !PyTuple_Check(object) &&
           PyObject_HasAttrString(object, "__dlpack__");
}

PyObject *tensor_from(State *state, PyObject *object, const tw_dtype *dtype, bool *fresh) {
    bool ignored;
    if (!fresh) fresh = &ignored;
    *fresh = false;
    if (is_tensor(state, object)) return dtype ? tensor_cast(state, object, *dtype) : Py_NewRef(object);
    if (object == Py_None) {
        PyErr_SetString(PyExc_TypeError, "None given where a tensor, an array or numbers are needed");
        return NULL;
    }
    if (is_number(object)) {
        *fresh = true;
        tw_dtype natural = PyBool_Check(object) ? TW_BOOL : PyLong_Check(object) ? TW_INT64 : TW_FLOAT64;
        /* A whole number has to fit an integer dtype, as those of a list have to. */
        if (natural == TW_INT64 && dtype && !dtype_is_floating(*dtype) && *dtype != TW_BOOL) natural = *dtype;
        PyObject *number = number_of(state, object, natural);
        if (!number || !dtype || *dtype == natural) return number;
        PyObject *converted = tensor_cast(state, number, *dtype);
        Py_DECREF(number);
        return converted;
    }
    PyObject *shared = share(state, object, dtype);
    if (shared || PyErr_Occurred()) return shared;
    if (has_dlpack_alone(object)) {
        PyObject *tensor = dlpack_import(state, object, false, Py_None);
        PyObject *converted = tensor && dtype ? tensor_cast(state, tensor, *dtype) : Py_XNewRef(tensor);
        Py_XDECREF(tensor);
        return converted;
    }
    *fresh = true;
    bool was_bfloat16 = false;
    PyObject *array = numpy_copy(state, object, dtype, &was_bfloat16);
    if (!array) return NULL;
    const tw_dtype bfloat16 = TW_BFLOAT16;
    PyObject *tensor = share(state, array, !dtype && was_bfloat16 ? &bfloat16 : dtype);
    Py_DECREF(array);
    if (!tensor && !PyErr_Occurred())
        PyErr_Format(PyExc_TypeError, "no tensor can be made of %R", Py_TYPE(object));
    return tensor;
}

int tensor_or_none(State *state, PyObject *object, PyObject **tensor) {
    *tensor = NULL;
    if (object == Py_None) return 0;
    *tensor = tensor_from(state, object, NULL, NULL);
    return *tensor ? 0 : -1;
}
