/* The native half of talweg.nn.Module: one handle an object, made by one of the
   _init functions here or in the files of the layers. */
#include "talweg_python.h"

/* The handle, or NULL with an exception where __init__ was not called. */
static tw_module *handle_of(PyObject *self) {
    if (!MODULE(self))
        PyErr_SetString(PyExc_AttributeError, "call super().__init__() before using a Module");
    return MODULE(self);
}

PyObject *module_adopt(PyObject *self, tw_status status, tw_module *handle) {
    if (check(object_state(self), status) < 0) return NULL;
    tw_module_free(MODULE(self));
    MODULE(self) = handle;
    Py_RETURN_NONE;
}

static PyObject *init_callback(PyObject *self, PyObject *unused) {
    (void)unused;
    tw_module *handle = NULL;
    tw_status status = callback_module_new(self, &handle);
    return module_adopt(self, status, handle);
}

static PyObject *init_linear(PyObject *self, PyObject *args) {
    State *state = object_state(self);
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    int64_t inputs, outputs;
    int bias, initializer;
    PyObject *dtype, *generator;
    if (!PyArg_ParseTuple(args, "O&O&pOiddO", to_int64, &inputs, to_int64, &outputs, &bias, &dtype, &initializer,
                          &options.scale, &options.gain, &generator))
        return NULL;
    options.bias = bias;
    options.initializer = (tw_initializer)initializer;
    if (dtype_from(state, dtype, &options.dtype) < 0 || generator_from(state, generator, &options.generator) < 0)
        return NULL;
    tw_module *handle = NULL;
    tw_status status;
    UNLOCKED(status = tw_linear_new(inputs, outputs, &options, &handle))
    return module_adopt(self, status, handle);
}

static PyObject *init_dropout(PyObject *self, PyObject *args) {
    double p;
    uint64_t seed;
    if (!PyArg_ParseTuple(args, "dO&", &p, to_uint64, &seed)) return NULL;
    tw_module *handle = NULL;
    tw_status status = tw_dropout_new(p, seed, &handle);
    return module_adopt(self, status, handle);
}

static PyObject *init_sequential(PyObject *self, PyObject *unused) {
    (void)unused;
    tw_module *handle = NULL;
    tw_status status = tw_sequential_new(NULL, 0, &handle);
    return module_adopt(self, status, handle);
}

static int child_from(PyObject *self, PyObject *object, tw_module **child) {
    if (!PyObject_TypeCheck(object, object_state(self)->module_type)) {
        PyErr_Format(PyExc_TypeError, "a child is a talweg.nn.Module, not %R", Py_TYPE(object));
        return -1;
    }
    *child = handle_of(object);
    return *child ? 0 : -1;
}

static PyObject *done(PyObject *self, tw_status status) {
    return check(object_state(self), status) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *append_child(PyObject *self, PyObject *object) {
    tw_module *child;
    if (!handle_of(self) || child_from(self, object, &child) < 0) return NULL;
    return done(self, tw_sequential_append(MODULE(self), child));
}

static PyObject *set_child(PyObject *self, PyObject *args) {
    const char *name;
    PyObject *object;
    tw_module *child;
    if (!PyArg_ParseTuple(args, "sO", &name, &object) || !handle_of(self) || child_from(self, object, &child) < 0)
        return NULL;
    return done(self, tw_module_set_child(MODULE(self), name, child));
}

static PyObject *set_parameter(PyObject *self, PyObject *args) {
    const char *name;
    PyObject *parameter;
    if (!PyArg_ParseTuple(args, "sO!", &name, object_state(self)->tensor_type, &parameter) || !handle_of(self))
        return NULL;
    return done(self, tw_module_set_parameter(MODULE(self), name, TENSOR(parameter)));
}

static PyObject *set_buffer(PyObject *self, PyObject *args) {
    const char *name;
    PyObject *buffer;
    int persistent;
    if (!PyArg_ParseTuple(args, "sO!p", &name, object_state(self)->tensor_type, &buffer, &persistent) ||
        !handle_of(self))
        return NULL;
    return done(self, tw_module_set_buffer(MODULE(self), name, TENSOR(buffer), persistent));
}

static PyObject *remove_name(PyObject *self, PyObject *args) {
    const char *name;
    if (!PyArg_ParseTuple(args, "s", &name) || !handle_of(self)) return NULL;
    return done(self, tw_module_remove(MODULE(self), name));
}

static PyObject *native_forward(PyObject *self, PyObject *object) {
    State *state = object_state(self);
    if (!handle_of(self)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_module_forward(NULL, MODULE(self), TENSOR(x)))
    PyObject *result = tensor_wrap(state, handle);
    Py_DECREF(x);
    return result;
}

/* The most inputs or outputs of a module that _call passes on. */
enum { MOST_TENSORS = 16 };

/* The outputs as a tuple, or the one output by itself. Takes the handles. */
static PyObject *wrap_outputs(State *state, tw_tensor **outputs) {
    Py_ssize_t count = 0;
    while (count < MOST_TENSORS && outputs[count]) ++count;
    if (count == 1) return tensor_wrap(state, outputs[0]);
    PyObject *tuple = PyTuple_New(count);
    for (Py_ssize_t i = 0; i < count; ++i) {
        PyObject *tensor = tuple ? tensor_wrap(state, outputs[i]) : NULL;
        if (!tuple) tw_release(outputs[i]);
        else if (!tensor) Py_CLEAR(tuple);
        else PyTuple_SetItem(tuple, i, tensor);
    }
    return tuple;
}

static PyObject *native_call(PyObject *self, PyObject *args) {
    State *state = object_state(self);
    Py_ssize_t count = PyTuple_Size(args);
    if (!handle_of(self)) return NULL;
    if (count > MOST_TENSORS) return PyErr_Format(PyExc_TypeError, "%zd inputs; at most %d are taken", count, MOST_TENSORS);
    PyObject *tensors[MOST_TENSORS] = {NULL};
    const tw_tensor *inputs[MOST_TENSORS] = {NULL};
    tw_tensor *outputs[MOST_TENSORS] = {NULL};
    PyObject *result = NULL;
    bool taken = true;
    for (Py_ssize_t i = 0; i < count && taken; ++i) {
        PyObject *object = PyTuple_GetItem(args, i);
        if (object == Py_None) continue;
        tensors[i] = tensor_from(state, object, NULL, NULL);
        if (tensors[i]) inputs[i] = TENSOR(tensors[i]);
        else taken = false;
    }
    if (taken) {
        tw_status status;
        UNLOCKED(status = tw_module_call(NULL, MODULE(self), inputs, count, outputs, MOST_TENSORS))
        if (check(state, status) == 0) result = wrap_outputs(state, outputs);
    }
    for (Py_ssize_t i = 0; i < count; ++i) Py_XDECREF(tensors[i]);
    return result;
}

static PyObject *set_training(PyObject *self, PyObject *value) {
    int training = PyObject_IsTrue(value);
    if (training < 0 || !handle_of(self)) return NULL;
    return done(self, tw_module_set_training(MODULE(self), training));
}

static PyObject *get_training(PyObject *self, void *unused) {
    (void)unused;
    bool training;
    if (!handle_of(self) || check(object_state(self), tw_module_is_training(MODULE(self), &training)) < 0) return NULL;
    return PyBool_FromLong(training);
}

typedef tw_status (*WriteName)(const void *, int64_t, char *, size_t, size_t *);
typedef tw_status (*Count)(const tw_module *, int64_t *);

static tw_status write_parameter_name(const void *module, int64_t index, char *text, size_t capacity, size_t *needed) {
    return tw_module_parameter_name(module, index, text, capacity, needed);
}

static tw_status write_buffer_name(const void *module, int64_t index, char *text, size_t capacity, size_t *needed) {
    return tw_module_buffer_name(module, index, text, capacity, needed);
}

static tw_status write_child_name(const void *module, int64_t index, char *text, size_t capacity, size_t *needed) {
    return tw_module_child_name(module, index, text, capacity, needed);
}

/* A list of the names of what a module holds, in their order. */
static PyObject *names_of(PyObject *self, Count count_of, WriteName write) {
    State *state = object_state(self);
    int64_t count;
    if (!handle_of(self) || check(state, count_of(MODULE(self), &count)) < 0) return NULL;
    PyObject *names = PyList_New(0);
    for (int64_t i = 0; names && i < count; ++i) {
        PyObject *name = text_from(state, write, MODULE(self), i);
        if (!name || PyList_Append(names, name) < 0) Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

static PyObject *parameter_names(PyObject *self, PyObject *unused) {
    (void)unused;
    return names_of(self, tw_module_parameter_count, write_parameter_name);
}

static PyObject *buffer_names(PyObject *self, PyObject *unused) {
    (void)unused;
    return names_of(self, tw_module_buffer_count, write_buffer_name);
}

static PyObject *child_names(PyObject *self, PyObject *unused) {
    (void)unused;
    return names_of(self, tw_module_child_count, write_child_name);
}

static tw_status write_type_name(const void *module, int64_t unused, char *text, size_t capacity, size_t *needed) {
    (void)unused;
    return tw_module_type_name(module, text, capacity, needed);
}

static PyObject *get_type_name(PyObject *self, void *unused) {
    (void)unused;
    return handle_of(self) ? text_from(object_state(self), write_type_name, MODULE(self), 0) : NULL;
}

/* Makes this object a handle on the module at a path of another. */
static PyObject *init_at(PyObject *self, PyObject *args) {
    PyObject *root;
    const char *path;
    tw_module *handle = NULL, *owner;
    if (!PyArg_ParseTuple(args, "Os", &root, &path) || child_from(self, root, &owner) < 0) return NULL;
    tw_status status = tw_module_at(owner, path, &handle);
    return module_adopt(self, status, handle);
}

static PyObject *freeze(PyObject *self, PyObject *args) {
    const char *pattern;
    int frozen;
    int64_t count;
    if (!PyArg_ParseTuple(args, "sp", &pattern, &frozen) || !handle_of(self)) return NULL;
    if (check(object_state(self), tw_module_freeze(MODULE(self), pattern, frozen, &count)) < 0) return NULL;
    return PyLong_FromLongLong(count);
}

static PyObject *get_trainable_size(PyObject *self, void *unused) {
    (void)unused;
    int64_t size;
    if (!handle_of(self) || check(object_state(self), tw_module_trainable_size(MODULE(self), &size)) < 0) return NULL;
    return PyLong_FromLongLong(size);
}

static PyObject *get_parameter_size(PyObject *self, void *unused) {
    (void)unused;
    int64_t size;
    if (!handle_of(self) || check(object_state(self), tw_module_parameter_size(MODULE(self), &size)) < 0) return NULL;
    return PyLong_FromLongLong(size);
}

static PyObject *parameter_named(PyObject *self, PyObject *args) {
    const char *path;
    if (!PyArg_ParseTuple(args, "s", &path) || !handle_of(self)) return NULL;
    return parameter_wrap(object_state(self), tw_module_parameter_named(NULL, MODULE(self), path));
}

static PyObject *buffer_named(PyObject *self, PyObject *args) {
    const char *path;
    if (!PyArg_ParseTuple(args, "s", &path) || !handle_of(self)) return NULL;
    return tensor_wrap(object_state(self), tw_module_buffer_named(NULL, MODULE(self), path));
}

static PyObject *zero_grad(PyObject *self, PyObject *unused) {
    (void)unused;
    return handle_of(self) ? done(self, tw_module_zero_grad(MODULE(self))) : NULL;
}

typedef tw_status (*FileOp)(tw_module *, const char *);

static PyObject *with_file(PyObject *self, PyObject *args, FileOp op) {
    PyObject *path;
    if (!PyArg_ParseTuple(args, "O&", PyUnicode_FSConverter, &path)) return NULL;
    PyObject *result = NULL;
    if (handle_of(self)) {
        const char *text = PyBytes_AsString(path);
        tw_status status;
        UNLOCKED(status = op(MODULE(self), text))
        result = done(self, status);
    }
    Py_DECREF(path);
    return result;
}

static tw_status save_to(tw_module *module, const char *path) {
    return tw_module_save(module, path);
}

static PyObject *save(PyObject *self, PyObject *args) {
    return with_file(self, args, save_to);
}

static PyObject *load(PyObject *self, PyObject *args) {
    return with_file(self, args, tw_module_load);
}

static tw_status write_table(const void *module, int64_t unused, char *text, size_t capacity, size_t *needed) {
    (void)unused;
    return tw_module_to_string(module, text, capacity, needed);
}

static PyObject *module_repr(PyObject *self) {
    if (!handle_of(self)) return NULL;
    return text_from(object_state(self), write_table, MODULE(self), 0);
}

static void module_dealloc(PyObject *self) {
    tw_module_free(MODULE(self));
    object_free(self);
}

static PyGetSetDef getset[] = {
    {"training", get_training, NULL, "Whether the module is in training mode.", NULL},
    {"parameter_size", get_parameter_size, NULL, "How many numbers the parameters hold.", NULL},
    {"trainable_size", get_trainable_size, NULL, "How many numbers the parameters hold that require a gradient.", NULL},
    {"_type_name", get_type_name, NULL, NULL, NULL},
    {0},
};

static PyMethodDef methods[] = {
    {"_init_callback", init_callback, METH_NOARGS, NULL},
    {"_init_linear", init_linear, METH_VARARGS, NULL},
    {"_init_dropout", init_dropout, METH_VARARGS, NULL},
    {"_init_sequential", init_sequential, METH_NOARGS, NULL},
    {"_append", append_child, METH_O, NULL},
    {"_set_child", set_child, METH_VARARGS, NULL},
    {"_set_parameter", set_parameter, METH_VARARGS, NULL},
    {"_set_buffer", set_buffer, METH_VARARGS, NULL},
    {"_remove", remove_name, METH_VARARGS, NULL},
    {"_init_at", init_at, METH_VARARGS, NULL},
    {"_freeze", freeze, METH_VARARGS, NULL},
    {"_call", native_call, METH_VARARGS, NULL},
    {"_forward", native_forward, METH_O, NULL},
    {"_set_training", set_training, METH_O, NULL},
    {"_parameter_names", parameter_names, METH_NOARGS, NULL},
    {"_parameter_named", parameter_named, METH_VARARGS, NULL},
    {"_buffer_names", buffer_names, METH_NOARGS, NULL},
    {"_buffer_named", buffer_named, METH_VARARGS, NULL},
    {"_child_names", child_names, METH_NOARGS, NULL},
    {"zero_grad", zero_grad, METH_NOARGS, "zero_grad($self, /)\n--\n\nClears the gradients of all parameters."},
    {"save", save, METH_VARARGS,
     "save($self, path, /)\n--\n\nWrites all parameters and persistent buffers to a safetensors file, by path; the file is\nreplaced atomically.\n"
     "OSError if it cannot be written."},
    {"load", load, METH_VARARGS,
     "load($self, path, /)\n--\n\nReads all parameters and persistent buffers from a safetensors file: names, shapes and dtypes must agree. On\n"
     "failure (OSError, ValueError) the module is unchanged."},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The native half of talweg.nn.Module."},
    {Py_tp_dealloc, module_dealloc},
    {Py_tp_repr, module_repr},
    {Py_tp_getset, getset},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.Module", sizeof(ModuleObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                           slots};

int module_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->module_type);
}
