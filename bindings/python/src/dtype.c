/* talweg.DType: element types, comparable with NumPy's. */
#include "talweg_python.h"

#include <string.h>

static tw_dtype code_of(PyObject *self) {
    return ((DTypeObject *)self)->code;
}

bool dtype_is_floating(tw_dtype dtype) {
    return dtype == TW_FLOAT32 || dtype == TW_FLOAT64 || dtype == TW_FLOAT16 || dtype == TW_BFLOAT16;
}

PyObject *dtype_object(State *state, tw_dtype dtype) {
    return Py_NewRef(state->dtypes[dtype]);
}

static bool dtype_named(const char *name, tw_dtype *dtype) {
    for (int code = 0; code < DTYPE_CODES; ++code) {
        if (tw_dtype_size((tw_dtype)code) > 0 && strcmp(name, tw_dtype_name((tw_dtype)code)) == 0) {
            *dtype = (tw_dtype)code;
            return true;
        }
    }
    return false;
}

/* A DType, its name, anything that numpy.dtype takes (a name, a NumPy dtype or
   scalar type), or Python's float, int or bool. NumPy knows bfloat16 only by
   the package ml_dtypes. */
int dtype_from(State *state, PyObject *object, tw_dtype *dtype) {
    if (Py_TYPE(object) == state->dtype_type) {
        *dtype = code_of(object);
        return 0;
    }
    if (PyUnicode_Check(object)) {
        const char *name = PyUnicode_AsUTF8AndSize(object, NULL);
        if (!name) return -1;
        if (dtype_named(name, dtype)) return 0;
    }
    PyObject *make = numpy_get(state, "dtype");
    if (!make) return -1;
    PyObject *numpy_dtype = PyObject_CallFunctionObjArgs(make, object, NULL);
    Py_DECREF(make);
    if (!numpy_dtype) return -1;
    PyObject *name = PyObject_GetAttrString(numpy_dtype, "name");
    Py_DECREF(numpy_dtype);
    if (!name) return -1;
    const char *text = PyUnicode_AsUTF8AndSize(name, NULL);
    int result = text && dtype_named(text, dtype) ? 0 : -1;
    if (text && result < 0)
        PyErr_Format(PyExc_TypeError,
                     "dtype %s is none of bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, "
                     "bfloat16, float32, float64",
                     text);
    Py_DECREF(name);
    return result;
}

static PyObject *dtype_repr(PyObject *self) {
    return PyUnicode_FromFormat("talweg.%s", tw_dtype_name(code_of(self)));
}

static PyObject *dtype_str(PyObject *self) {
    return PyUnicode_FromString(tw_dtype_name(code_of(self)));
}

static Py_hash_t dtype_hash(PyObject *self) {
    return (Py_hash_t)code_of(self) + 1;
}

static PyObject *dtype_compare(PyObject *a, PyObject *b, int op) {
    if (op != Py_EQ && op != Py_NE) Py_RETURN_NOTIMPLEMENTED;
    State *state = object_state(a);
    tw_dtype other;
    bool equal = false;
    if (b != Py_None) {
        if (dtype_from(state, b, &other) == 0) equal = code_of(a) == other;
        else if (PyErr_ExceptionMatches(PyExc_Exception)) PyErr_Clear(); /* NumPy's, of what is no dtype */
        else return NULL;
    }
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static PyObject *dtype_get_name(PyObject *self, void *unused) {
    (void)unused;
    return dtype_str(self);
}

static PyObject *dtype_get_itemsize(PyObject *self, void *unused) {
    (void)unused;
    return PyLong_FromSize_t(tw_dtype_size(code_of(self)));
}

/* NumPy takes an object with a `dtype` wherever it takes a dtype. */
static PyObject *dtype_get_dtype(PyObject *self, void *unused) {
    (void)unused;
    if (code_of(self) == TW_BFLOAT16) {
        PyObject *package = PyImport_ImportModule("ml_dtypes");
        if (!package && PyErr_ExceptionMatches(PyExc_ImportError)) {
            PyErr_Clear();
            PyErr_SetString(PyExc_TypeError, "NumPy has no bfloat16 without the package ml_dtypes");
        }
        if (!package) return NULL;
        Py_DECREF(package);
    }
    PyObject *make = numpy_get(object_state(self), "dtype");
    if (!make) return NULL;
    PyObject *result = PyObject_CallFunction(make, "s", tw_dtype_name(code_of(self)));
    Py_DECREF(make);
    return result;
}

/* Pickled and copied as the name under which the package holds it. */
static PyObject *dtype_reduce(PyObject *self, PyObject *unused) {
    (void)unused;
    return dtype_str(self);
}

static PyGetSetDef getset[] = {
    {"name", dtype_get_name, NULL, "Such as 'float32'.", NULL},
    {"itemsize", dtype_get_itemsize, NULL, "The size of an element in bytes.", NULL},
    {"dtype", dtype_get_dtype, NULL, "The NumPy dtype of the same name (bfloat16: of the package ml_dtypes).", NULL},
    {0},
};

static PyMethodDef methods[] = {
    {"__reduce__", dtype_reduce, METH_NOARGS, NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "An element type. Equal to the NumPy dtype of the same name."},
    {Py_tp_repr, dtype_repr},
    {Py_tp_str, dtype_str},
    {Py_tp_hash, dtype_hash},
    {Py_tp_richcompare, dtype_compare},
    {Py_tp_getset, getset},
    {Py_tp_methods, methods},
    {Py_tp_dealloc, object_free},
    {0},
};

static PyType_Spec spec = {"talweg.DType", sizeof(DTypeObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

int dtype_type_add(PyObject *module, State *state) {
    if (type_add(module, &spec, NULL, &state->dtype_type) < 0) return -1;
    for (int code = 0; code < DTYPE_CODES; ++code) {
        if (tw_dtype_size((tw_dtype)code) == 0) continue;
        DTypeObject *dtype = PyObject_New(DTypeObject, state->dtype_type);
        if (!dtype) return -1;
        dtype->code = (tw_dtype)code;
        state->dtypes[code] = (PyObject *)dtype;
        if (PyModule_AddObjectRef(module, tw_dtype_name((tw_dtype)code), (PyObject *)dtype) < 0) return -1;
    }
    return 0;
}
