/* What the Python array API standard asks of an array beside operators: its device and its namespace. */
#include "talweg_python.h"

/* The one device is the processor: None, "cpu" and what compares equal to it. */
int device_check(PyObject *device) {
    if (device == Py_None) return 0;
    PyObject *text = PyObject_Str(device);
    if (!text) return -1;
    bool known = PyUnicode_CompareWithASCIIString(text, "cpu") == 0;
    Py_DECREF(text);
    if (known) return 0;
    PyErr_Format(PyExc_ValueError, "device %R is none: the only one is 'cpu'", device);
    return -1;
}

PyObject *tensor_get_device(PyObject *self, void *unused) {
    (void)self;
    (void)unused;
    return PyUnicode_InternFromString("cpu");
}

PyObject *tensor_to_device(PyObject *self, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "stream", NULL};
    PyObject *device, *stream = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$O:to_device", names, &device, &stream) ||
        device_check(device) < 0)
        return NULL;
    if (stream != Py_None) {
        PyErr_SetString(PyExc_ValueError, "to_device: the processor has no streams; stream is None");
        return NULL;
    }
    return Py_NewRef(self);
}

PyObject *tensor_array_namespace(PyObject *self, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"api_version", NULL};
    static const char *const versions[] = {"2021.12", "2022.12", "2023.12", "2024.12"};
    (void)self;
    PyObject *version = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$O:__array_namespace__", names, &version)) return NULL;
    bool known = version == Py_None;
    for (size_t i = 0; !known && PyUnicode_Check(version) && i < sizeof versions / sizeof *versions; ++i)
        known = PyUnicode_CompareWithASCIIString(version, versions[i]) == 0;
    if (known) return PyImport_ImportModule("talweg");
    PyErr_Format(PyExc_ValueError, "api_version %R is none of 2021.12, 2022.12, 2023.12, 2024.12", version);
    return NULL;
}

PyObject *tensor_complex(PyObject *self, PyObject *unused) {
    (void)unused;
    double value;
    if (check(object_state(self), tw_tensor_item(TENSOR(self), &value)) < 0) return NULL;
    return PyComplex_FromDoubles(value, 0);
}
