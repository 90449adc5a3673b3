/* talweg.LstsqStream's engine: stream.h. */
#include "talweg_python.h"

typedef struct {
    PyObject_HEAD
    tw_lstsq_stream *handle;
} StreamObject;

#define STREAM(object) (((StreamObject *)(object))->handle)

static PyObject *stream_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"features", "targets", "intercept", "ridge", "rank_tolerance", "forgetting", NULL};
    tw_lstsq_stream_options options = TW_LSTSQ_STREAM_OPTIONS_INIT;
    int64_t features, targets;
    int intercept;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&O&pddd:Stream", names, to_int64, &features, to_int64, &targets,
                                     &intercept, &options.ridge, &options.rank_tolerance, &options.forgetting))
        return NULL;
    options.intercept = intercept;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    PyObject *self = allocate(type, 0);
    if (self && check(object_state(self), tw_lstsq_stream_new(features, targets, &options, &STREAM(self))) < 0)
        Py_CLEAR(self);
    return self;
}

static void stream_dealloc(PyObject *self) {
    tw_lstsq_stream_free(STREAM(self));
    object_free(self);
}

typedef tw_status (*RowsCall)(tw_lstsq_stream *, const tw_tensor *, const tw_tensor *, const tw_tensor *);

static PyObject *with_rows(PyObject *self, PyObject *args, RowsCall call) {
    State *state = object_state(self);
    PyObject *rows, *targets, *given, *weights = NULL, *result = NULL;
    if (!PyArg_ParseTuple(args, "OOO", &rows, &targets, &given)) return NULL;
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    PyObject *y = X ? tensor_from(state, targets, NULL, NULL) : NULL;
    if (y && tensor_or_none(state, given, &weights) == 0) {
        tw_status status;
        UNLOCKED(status = call(STREAM(self), TENSOR(X), TENSOR(y), weights ? TENSOR(weights) : NULL))
        if (check(state, status) == 0) result = Py_NewRef(Py_None);
    }
    Py_XDECREF(X);
    Py_XDECREF(y);
    Py_XDECREF(weights);
    return result;
}

static PyObject *stream_push(PyObject *self, PyObject *args) {
    return with_rows(self, args, tw_lstsq_stream_push);
}

static PyObject *stream_drop(PyObject *self, PyObject *args) {
    return with_rows(self, args, tw_lstsq_stream_drop);
}

static PyObject *stream_merge(PyObject *self, PyObject *other) {
    State *state = object_state(self);
    if (!PyObject_TypeCheck(other, state->stream_type)) {
        PyErr_SetString(PyExc_TypeError, "merge: the other is no stream");
        return NULL;
    }
    tw_status status;
    UNLOCKED(status = tw_lstsq_stream_merge(STREAM(self), STREAM(other)))
    return check(state, status) == 0 ? Py_NewRef(Py_None) : NULL;
}

static PyObject *stream_solve(PyObject *self, PyObject *unused) {
    (void)unused;
    State *state = object_state(self);
    tw_lstsq_result *fit = NULL;
    tw_status status;
    UNLOCKED(status = tw_lstsq_stream_solve(STREAM(self), &fit))
    return check(state, status) == 0 ? lstsq_result_wrap(state, fit) : NULL;
}

/* Looks for Ctrl-C between blocks. */
static int look(void *context, int64_t rows) {
    (void)rows;
    return interrupted(context);
}

typedef tw_status (*FileCall)(tw_lstsq_stream *, const char *, const tw_stream_file_options *);

static PyObject *push_file(PyObject *self, const char *path, tw_stream_file_options *options, FileCall call) {
    double last_look = 0;
    options->progress = look;
    options->context = &last_look;
    tw_status status;
    UNLOCKED(status = call(STREAM(self), path, options))
    return check(object_state(self), status) == 0 ? Py_NewRef(Py_None) : NULL;
}

static PyObject *stream_push_csv(PyObject *self, PyObject *args) {
    tw_stream_file_options options = TW_STREAM_FILE_OPTIONS_INIT;
    PyObject *path;
    const char *delimiter;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(args, "O&O&O&s#O&", PyUnicode_FSConverter, &path, to_int64, &options.target_column, to_int64,
                          &options.weight_column, &delimiter, &length, to_int64, &options.skip_lines))
        return NULL;
    PyObject *result = NULL;
    if (length != 1) {
        PyErr_SetString(PyExc_ValueError, "delimiter: one ASCII character was expected");
    } else {
        options.delimiter = delimiter[0];
        result = push_file(self, PyBytes_AsString(path), &options, tw_lstsq_stream_push_csv);
    }
    Py_DECREF(path);
    return result;
}

/* A path or None. */
static int path_or_none(PyObject *object, PyObject **path) {
    return object == Py_None ? 1 : PyUnicode_FSConverter(object, path);
}

static PyObject *stream_push_npy(PyObject *self, PyObject *args) {
    tw_stream_file_options options = TW_STREAM_FILE_OPTIONS_INIT;
    PyObject *paths[3] = {NULL, NULL, NULL}, *target, *weight, *result = NULL;
    if (!PyArg_ParseTuple(args, "O&OOO&O&", PyUnicode_FSConverter, &paths[0], &target, &weight, to_int64,
                          &options.target_column, to_int64, &options.weight_column))
        return NULL;
    if (path_or_none(target, &paths[1]) && path_or_none(weight, &paths[2])) {
        options.target_path = paths[1] ? PyBytes_AsString(paths[1]) : NULL;
        options.weight_path = paths[2] ? PyBytes_AsString(paths[2]) : NULL;
        result = push_file(self, PyBytes_AsString(paths[0]), &options, tw_lstsq_stream_push_npy);
    }
    for (int i = 0; i < 3; ++i) Py_XDECREF(paths[i]);
    return result;
}

static PyObject *stream_save(PyObject *self, PyObject *unused) {
    (void)unused;
    State *state = object_state(self);
    size_t size = 0;
    if (check(state, tw_lstsq_stream_save(STREAM(self), NULL, 0, &size)) < 0) return NULL;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    if (bytes && check(state, tw_lstsq_stream_save(STREAM(self), PyBytes_AsString(bytes), size, NULL)) < 0)
        Py_CLEAR(bytes);
    return bytes;
}

static PyObject *stream_load(PyObject *cls, PyObject *args) {
    const char *bytes;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "y#", &bytes, &size)) return NULL;
    PyTypeObject *type = (PyTypeObject *)cls;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    PyObject *self = allocate(type, 0);
    if (self && check(object_state(self), tw_lstsq_stream_load(bytes, (size_t)size, &STREAM(self))) < 0)
        Py_CLEAR(self);
    return self;
}

static PyObject *stream_rows(PyObject *self, void *unused) {
    (void)unused;
    int64_t rows = 0;
    if (check(object_state(self), tw_lstsq_stream_rows(STREAM(self), &rows)) < 0) return NULL;
    return PyLong_FromLongLong(rows);
}

static PyGetSetDef getset[] = {
    {"rows", stream_rows, NULL, NULL, NULL},
    {0},
};

static PyMethodDef methods[] = {
    {"push", stream_push, METH_VARARGS, "push($self, X, y, weights, /)\n--\n\n"},
    {"drop", stream_drop, METH_VARARGS, "drop($self, X, y, weights, /)\n--\n\n"},
    {"merge", stream_merge, METH_O, "merge($self, other, /)\n--\n\n"},
    {"solve", stream_solve, METH_NOARGS, "solve($self, /)\n--\n\n"},
    {"push_csv", stream_push_csv, METH_VARARGS,
     "push_csv($self, path, target_column, weight_column, delimiter, skip_lines, /)\n--\n\n"},
    {"push_npy", stream_push_npy, METH_VARARGS,
     "push_npy($self, path, target_path, weight_path, target_column, weight_column, /)\n--\n\n"},
    {"save", stream_save, METH_NOARGS, "save($self, /)\n--\n\n"},
    {"load", stream_load, METH_VARARGS | METH_CLASS, "load($type, state, /)\n--\n\n"},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The engine's stream, under talweg.LstsqStream."},
    {Py_tp_new, stream_new},
    {Py_tp_dealloc, stream_dealloc},
    {Py_tp_getset, getset},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.Stream", sizeof(StreamObject), 0, Py_TPFLAGS_DEFAULT, slots};

int stream_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->stream_type);
}
