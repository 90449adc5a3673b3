/* safetensors and CSV files. */
#include "talweg_python.h"

int names_from(PyObject *keys, const char **names) {
    for (Py_ssize_t i = 0; i < PyList_Size(keys); ++i) {
        PyObject *key = PyList_GetItem(keys, i);
        if (!PyUnicode_Check(key)) {
            PyErr_Format(PyExc_TypeError, "names of tensors are str, not %R", Py_TYPE(key));
            return -1;
        }
        if (!(names[i] = PyUnicode_AsUTF8AndSize(key, NULL))) return -1;
    }
    return 0;
}

static PyObject *save_safetensors(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *path, *dict, *keep, *result = NULL;
    tw_tensor **handles;
    Py_ssize_t count;
    if (!PyArg_ParseTuple(args, "O&O!", PyUnicode_FSConverter, &path, &PyDict_Type, &dict)) return NULL;
    PyObject *keys = PyDict_Keys(dict), *values = PyDict_Values(dict);
    if (keys && values && tensors_from(state, values, &keep, &handles, &count) == 0) {
        const char **names = PyMem_Calloc((size_t)count + 1, sizeof *names);
        if (!names) {
            PyErr_NoMemory();
        } else if (names_from(keys, names) == 0) {
            const char *text = PyBytes_AsString(path);
            tw_status status;
            UNLOCKED(status = tw_safetensors_save(text, names, (const tw_tensor *const *)handles, count))
            if (check(state, status) == 0) result = Py_NewRef(Py_None);
        }
        PyMem_Free(names);
        PyMem_Free(handles);
        Py_DECREF(keep);
    }
    Py_DECREF(path);
    Py_XDECREF(keys);
    Py_XDECREF(values);
    return result;
}

static tw_status write_name(const void *file, int64_t index, char *text, size_t capacity, size_t *needed) {
    return tw_safetensors_name(file, index, text, capacity, needed);
}

static int load_one(State *state, const tw_safetensors *file, int64_t index, PyObject *dict) {
    PyObject *name = text_from(state, write_name, file, index);
    const char *text = name ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
    PyObject *tensor = NULL;
    if (text) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_safetensors_tensor(NULL, file, text))
        tensor = tensor_wrap(state, handle);
    }
    int result = tensor ? PyDict_SetItem(dict, name, tensor) : -1;
    Py_XDECREF(name);
    Py_XDECREF(tensor);
    return result;
}

static PyObject *load_safetensors(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *path;
    if (!PyArg_ParseTuple(args, "O&", PyUnicode_FSConverter, &path)) return NULL;
    const char *text = PyBytes_AsString(path);
    tw_safetensors *file = NULL;
    tw_status status;
    UNLOCKED(status = tw_safetensors_open(text, &file))
    Py_DECREF(path);
    int64_t count;
    PyObject *dict = NULL;
    if (check(state, status) == 0 && check(state, tw_safetensors_count(file, &count)) == 0) dict = PyDict_New();
    for (int64_t i = 0; dict && i < count; ++i)
        if (load_one(state, file, i, dict) < 0) Py_CLEAR(dict);
    tw_safetensors_free(file);
    return dict;
}

static int delimiter_from(const char *text, Py_ssize_t length, char *delimiter) {
    if (length != 1) {
        PyErr_SetString(PyExc_ValueError, "delimiter is one ASCII character");
        return -1;
    }
    *delimiter = *text;
    return 0;
}

static PyObject *read_csv(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"path", "delimiter", "skip_lines", "dtype", NULL};
    State *state = module_state(module);
    tw_csv_options options = TW_CSV_OPTIONS_INIT;
    PyObject *path, *dtype = Py_None, *result = NULL;
    const char *delimiter = ",";
    Py_ssize_t length = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|s#O&O:read_csv", names, PyUnicode_FSConverter, &path, &delimiter,
                                     &length, to_int64, &options.skip_lines, &dtype))
        return NULL;
    if (delimiter_from(delimiter, length, &options.delimiter) == 0 &&
        (dtype == Py_None || dtype_from(state, dtype, &options.dtype) == 0)) {
        const char *text = PyBytes_AsString(path);
        tw_tensor *handle;
        UNLOCKED(handle = tw_csv_read(NULL, text, &options))
        result = tensor_wrap(state, handle);
    }
    Py_DECREF(path);
    return result;
}

static PyObject *write_csv(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"path", "data", "delimiter", NULL};
    State *state = module_state(module);
    tw_csv_options options = TW_CSV_OPTIONS_INIT;
    PyObject *path, *data, *result = NULL;
    const char *delimiter = ",";
    Py_ssize_t length = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&O|s#:write_csv", names, PyUnicode_FSConverter, &path, &data,
                                     &delimiter, &length))
        return NULL;
    PyObject *tensor = NULL;
    if (delimiter_from(delimiter, length, &options.delimiter) == 0 &&
        (tensor = tensor_from(state, data, NULL, NULL))) {
        const char *text = PyBytes_AsString(path);
        tw_status status;
        UNLOCKED(status = tw_csv_write(text, TENSOR(tensor), &options))
        if (check(state, status) == 0) result = Py_NewRef(Py_None);
        Py_DECREF(tensor);
    }
    Py_DECREF(path);
    return result;
}

PyMethodDef io_functions[] = {
    {"save_safetensors", save_safetensors, METH_VARARGS,
     "save_safetensors(path, tensors, /)\n--\n\nWrites a dict of named tensors or arrays to a safetensors file, which is replaced\n"
     "atomically. OSError if it cannot be written."},
    {"load_safetensors", load_safetensors, METH_VARARGS,
     "load_safetensors(path, /)\n--\n\nThe tensors of a safetensors file, by name in the file's order. OSError if it cannot be\n"
     "read, ValueError with the reason if it is malformed or truncated."},
    {"read_csv", METHOD_KEYWORDS(read_csv),
     "read_csv(path, delimiter=',', skip_lines=0, dtype=None)\n--\n\n"
     "A file of numbers as [rows, columns], float64 by default; empty fields are NaN, empty lines\n"
     "are left out. ValueError names line and column of what is no number."},
    {"write_csv", METHOD_KEYWORDS(write_csv),
     "write_csv(path, data, delimiter=',')\n--\n\nWrites 1 or 2 axes, with as many digits as the dtype needs to be read back exactly."},
    {0},
};
