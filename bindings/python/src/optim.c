/* The native half of talweg.optim: one type, made by its _init method. Options go by their numbers, which
   talweg.optim names. */
#include "talweg_python.h"

#include <string.h>

/* An optimizer of a kind with its own defaults. */
#define MAKE(kind, type, initial)                    \
    if (strcmp(name, #kind) == 0) {                  \
        type options = initial;                      \
        options.max_norm = max_norm;                 \
        options.max_value = max_value;               \
        return tw_##kind##_new(&options, optimizer); \
    }

static tw_status make(const char *name, double max_norm, double max_value, tw_optimizer **optimizer) {
    MAKE(sgd, tw_sgd_options, TW_SGD_OPTIONS_INIT)
    MAKE(rmsprop, tw_rmsprop_options, TW_RMSPROP_OPTIONS_INIT)
    MAKE(adam, tw_adam_options, TW_ADAM_OPTIONS_INIT)
    MAKE(adamw, tw_adam_options, TW_ADAMW_OPTIONS_INIT)
    MAKE(nadam, tw_adam_options, TW_NADAM_OPTIONS_INIT)
    MAKE(radam, tw_adam_options, TW_RADAM_OPTIONS_INIT)
    MAKE(adamax, tw_adam_options, TW_ADAMAX_OPTIONS_INIT)
    MAKE(lion, tw_adam_options, TW_LION_OPTIONS_INIT)
    MAKE(lamb, tw_adam_options, TW_LAMB_OPTIONS_INIT)
    MAKE(adagrad, tw_adagrad_options, TW_ADAGRAD_OPTIONS_INIT)
    MAKE(adadelta, tw_adadelta_options, TW_ADADELTA_OPTIONS_INIT)
    MAKE(adafactor, tw_adafactor_options, TW_ADAFACTOR_OPTIONS_INIT)
    MAKE(muon, tw_muon_options, TW_MUON_OPTIONS_INIT)
    return TW_ERROR_UNSUPPORTED;
}

static PyObject *init(PyObject *self, PyObject *args) {
    const char *name;
    double max_norm, max_value;
    if (!PyArg_ParseTuple(args, "sdd", &name, &max_norm, &max_value)) return NULL;
    tw_optimizer *handle = NULL;
    if (check(object_state(self), make(name, max_norm, max_value, &handle)) < 0) return NULL;
    tw_optimizer_free(OPTIMIZER(self));
    OPTIMIZER(self) = handle;
    Py_RETURN_NONE;
}

static PyObject *done(PyObject *self, tw_status status) {
    return check(object_state(self), status) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *add(PyObject *self, PyObject *object) {
    State *state = object_state(self);
    if (is_tensor(state, object)) return done(self, tw_optimizer_add(OPTIMIZER(self), TENSOR(object)));
    PyErr_Format(PyExc_TypeError, "an optimizer holds tensors that require a gradient, not %R", Py_TYPE(object));
    return NULL;
}

/* The handles of a list of tensors, which are those that its items have: nothing is converted. NULL with an
   exception; freed by PyMem_Free. */
static tw_tensor **handles_of(State *state, PyObject *list) {
    Py_ssize_t count = PyList_Size(list);
    tw_tensor **handles = PyMem_Calloc((size_t)count + 1, sizeof *handles);
    if (!handles) return (tw_tensor **)PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < count; ++i) {
        PyObject *item = PyList_GetItem(list, i);
        if (!is_tensor(state, item)) {
            PyErr_Format(PyExc_TypeError, "tensors were expected, not %R", Py_TYPE(item));
            PyMem_Free(handles);
            return NULL;
        }
        handles[i] = TENSOR(item);
    }
    return handles;
}

/* _add_group(tensors, numbers, values) */
static PyObject *add_group(PyObject *self, PyObject *args) {
    State *state = object_state(self);
    PyObject *tensors, *numbers, *values, *result = NULL;
    if (!PyArg_ParseTuple(args, "O!O!O!", &PyList_Type, &tensors, &PyList_Type, &numbers, &PyList_Type, &values))
        return NULL;
    Py_ssize_t count = PyList_Size(numbers);
    if (count != PyList_Size(values)) {
        PyErr_SetString(PyExc_ValueError, "as many values as options are needed");
        return NULL;
    }
    tw_tensor **handles = handles_of(state, tensors);
    tw_optimizer_option *names = PyMem_Calloc((size_t)count + 1, sizeof *names);
    double *numbers_of = PyMem_Calloc((size_t)count + 1, sizeof *numbers_of);
    if (handles && names && numbers_of) {
        for (Py_ssize_t i = 0; i < count; ++i) {
            names[i] = (tw_optimizer_option)PyLong_AsLong(PyList_GetItem(numbers, i));
            numbers_of[i] = PyFloat_AsDouble(PyList_GetItem(values, i));
        }
        tw_group_options options = {sizeof options, names, numbers_of, count};
        if (!PyErr_Occurred())
            result = done(self, tw_optimizer_add_group(OPTIMIZER(self), handles, PyList_Size(tensors), &options));
    } else if (!PyErr_Occurred()) {
        PyErr_NoMemory();
    }
    PyMem_Free(handles);
    PyMem_Free(names);
    PyMem_Free(numbers_of);
    return result;
}

static PyObject *option(PyObject *self, PyObject *args) {
    int64_t group;
    int number;
    double value;
    if (!PyArg_ParseTuple(args, "O&i", to_int64, &group, &number)) return NULL;
    tw_status status = tw_optimizer_option_value(OPTIMIZER(self), group, (tw_optimizer_option)number, &value);
    return check(object_state(self), status) < 0 ? NULL : PyFloat_FromDouble(value);
}

static PyObject *set_option(PyObject *self, PyObject *args) {
    int64_t group;
    int number;
    double value;
    if (!PyArg_ParseTuple(args, "O&id", to_int64, &group, &number, &value)) return NULL;
    return done(self, tw_optimizer_set_option(OPTIMIZER(self), group, (tw_optimizer_option)number, value));
}

static PyObject *zero_grad(PyObject *self, PyObject *unused) {
    (void)unused;
    return done(self, tw_optimizer_zero_grad(OPTIMIZER(self)));
}

static PyObject *init_lbfgs(PyObject *self, PyObject *args) {
    tw_lbfgs_options options = TW_LBFGS_OPTIONS_INIT;
    if (!PyArg_ParseTuple(args, "dO&O&ddO&", &options.learning_rate, to_int64, &options.max_iterations, to_int64,
                          &options.max_evaluations, &options.gradient_tolerance, &options.change_tolerance, to_int64,
                          &options.history_size))
        return NULL;
    tw_optimizer *handle = NULL;
    if (check(object_state(self), tw_lbfgs_new(&options, &handle)) < 0) return NULL;
    tw_optimizer_free(OPTIMIZER(self));
    OPTIMIZER(self) = handle;
    Py_RETURN_NONE;
}

/* What a step by a function needs: the function, and what it gave first. */
typedef struct {
    PyObject *closure, *first;
} Closure;

static int evaluate(void *context, tw_scope *scope, double *loss) {
    (void)scope;
    Closure *call = context;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = PyErr_Occurred() ? NULL : PyObject_CallNoArgs(call->closure);
    if (answer) *loss = PyFloat_AsDouble(answer);
    int code = !answer || PyErr_Occurred() || PyErr_CheckSignals() < 0 ? 1 : 0;
    if (code == 0 && !call->first) call->first = Py_NewRef(answer);
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return code;
}

static PyObject *step(PyObject *self, PyObject *args) {
    PyObject *closure = Py_None;
    if (!PyArg_ParseTuple(args, "|O:step", &closure)) return NULL;
    /* Before there can be an exception, which looking for the state would clear. */
    State *state = object_state(self);
    tw_status status;
    if (closure == Py_None) {
        UNLOCKED(status = tw_optimizer_step(OPTIMIZER(self)))
        return done(self, status);
    }
    Closure call = {closure, NULL};
    UNLOCKED(status = tw_optimizer_step_with(OPTIMIZER(self), evaluate, &call, NULL))
    if (check(state, status) == 0) return call.first ? call.first : Py_NewRef(Py_None);
    Py_XDECREF(call.first);
    return NULL;
}

static PyObject *accumulate(PyObject *self, PyObject *calls) {
    int64_t value;
    if (int64_from(calls, "steps", &value) < 0) return NULL;
    return done(self, tw_optimizer_accumulate(OPTIMIZER(self), value));
}

static PyObject *reset(PyObject *self, PyObject *unused) {
    (void)unused;
    return done(self, tw_optimizer_reset(OPTIMIZER(self)));
}

static tw_status write_names(const void *optimizer, int64_t unused, char *text, size_t capacity, size_t *needed) {
    (void)unused;
    return tw_optimizer_state_names(optimizer, text, capacity, needed);
}

static tw_status read_state(const void *optimizer, tw_tensor **tensors, int64_t capacity, int64_t *count) {
    return tw_optimizer_state(NULL, optimizer, tensors, capacity, count);
}

static tw_status write_state(void *optimizer, const char *const *names, tw_tensor *const *tensors, int64_t count) {
    return tw_optimizer_set_state(optimizer, names, (const tw_tensor *const *)tensors, count);
}

PyObject *state_dict_from(State *state, const void *object, TextWriter names, StateReader read) {
    int64_t count = 0;
    /* Without room there is just the count. */
    tw_status status = read(object, NULL, -1, &count);
    if (status != TW_ERROR_INVALID_ARGUMENT && check(state, status) < 0) return NULL;
    PyObject *text = text_from(state, names, object, 0), *dict = NULL, *tensors = NULL;
    PyObject *list = text ? PyObject_CallMethod(text, "split", "s", "\n") : NULL;
    tw_tensor **handles = PyMem_Calloc((size_t)count + 1, sizeof *handles);
    if (!handles) PyErr_NoMemory();
    if (list && handles) {
        UNLOCKED(status = read(object, handles, count, &count))
        if (check(state, status) == 0) tensors = tensors_wrap(state, handles, count);
    }
    if (tensors && PyTuple_Size(tensors) == PyList_Size(list)) dict = PyDict_New();
    for (Py_ssize_t i = 0; dict && i < PyTuple_Size(tensors); ++i)
        if (PyDict_SetItem(dict, PyList_GetItem(list, i), PyTuple_GetItem(tensors, i)) < 0) Py_CLEAR(dict);
    PyMem_Free(handles);
    Py_XDECREF(text);
    Py_XDECREF(list);
    Py_XDECREF(tensors);
    return dict;
}

PyObject *state_dict_to(State *state, void *object, PyObject *dict, StateWriter write) {
    PyObject *keys = PyDict_Keys(dict), *values = PyDict_Values(dict), *result = NULL;
    tw_tensor **handles = keys && values ? handles_of(state, values) : NULL;
    const char **names = handles ? PyMem_Calloc((size_t)PyList_Size(keys) + 1, sizeof *names) : NULL;
    if (handles && !names) PyErr_NoMemory();
    if (names && names_from(keys, names) == 0) {
        tw_status status;
        int64_t count = PyList_Size(keys);
        UNLOCKED(status = write(object, names, handles, count))
        if (check(state, status) == 0) result = Py_NewRef(Py_None);
    }
    PyMem_Free(names);
    PyMem_Free(handles);
    Py_XDECREF(keys);
    Py_XDECREF(values);
    return result;
}

static PyObject *get_state(PyObject *self, PyObject *unused) {
    (void)unused;
    return state_dict_from(object_state(self), OPTIMIZER(self), write_names, read_state);
}

static PyObject *set_state(PyObject *self, PyObject *args) {
    PyObject *dict;
    if (!PyArg_ParseTuple(args, "O!", &PyDict_Type, &dict)) return NULL;
    return state_dict_to(object_state(self), OPTIMIZER(self), dict, write_state);
}

static PyObject *save(PyObject *self, PyObject *args) {
    PyObject *path;
    if (!PyArg_ParseTuple(args, "O&:save", PyUnicode_FSConverter, &path)) return NULL;
    const char *text = PyBytes_AsString(path);
    tw_status status;
    UNLOCKED(status = tw_optimizer_save(OPTIMIZER(self), text))
    Py_DECREF(path);
    return done(self, status);
}

static PyObject *load(PyObject *self, PyObject *args) {
    PyObject *path;
    if (!PyArg_ParseTuple(args, "O&:load", PyUnicode_FSConverter, &path)) return NULL;
    const char *text = PyBytes_AsString(path);
    tw_status status;
    UNLOCKED(status = tw_optimizer_load(OPTIMIZER(self), text))
    Py_DECREF(path);
    return done(self, status);
}

static PyObject *get_lr(PyObject *self, void *unused) {
    (void)unused;
    double rate;
    if (check(object_state(self), tw_optimizer_learning_rate(OPTIMIZER(self), &rate)) < 0) return NULL;
    return PyFloat_FromDouble(rate);
}

static int set_lr(PyObject *self, PyObject *value, void *unused) {
    (void)unused;
    double rate = value ? PyFloat_AsDouble(value) : -1;
    if (PyErr_Occurred()) return -1;
    return check(object_state(self), tw_optimizer_set_learning_rate(OPTIMIZER(self), rate));
}

static void optimizer_dealloc(PyObject *self) {
    tw_optimizer_free(OPTIMIZER(self));
    object_free(self);
}

static PyGetSetDef getset[] = {
    {"lr", get_lr, set_lr, "The learning rate of the first group; set, that of all.", NULL},
    {0},
};

static PyMethodDef methods[] = {
    {"_init", init, METH_VARARGS, NULL},
    {"_init_lbfgs", init_lbfgs, METH_VARARGS, NULL},
    {"_add", add, METH_O, NULL},
    {"_add_group", add_group, METH_VARARGS, NULL},
    {"_option", option, METH_VARARGS, NULL},
    {"_set_option", set_option, METH_VARARGS, NULL},
    {"_state", get_state, METH_NOARGS, NULL},
    {"_set_state", set_state, METH_VARARGS, NULL},
    {"zero_grad", zero_grad, METH_NOARGS,
     "zero_grad($self, /)\n--\n\nClears the gradients of its parameters; nothing in the midst of an accumulation."},
    {"step", step, METH_VARARGS,
     "step($self, closure=None, /)\n--\n\nChanges each parameter that has a gradient: all of them, or with an exception "
     "none. A closure clears the\ngradients, evaluates the loss, calls its backward() and returns it; what it returned "
     "first is given."},
    {"accumulate", accumulate, METH_O,
     "accumulate($self, steps, /)\n--\n\nFrom now on makes one step of every so many calls of step(), by the mean of "
     "the gradients that gathered\nmeanwhile; zero_grad() does nothing in between, so that a loop of zero_grad, "
     "backward and step needs no change."},
    {"reset", reset, METH_NOARGS,
     "reset($self, /)\n--\n\nForgets velocities, moments and counts of steps, as if no step had been made."},
    {"save", save, METH_VARARGS,
     "save($self, path, /)\n--\n\nWrites the state to a safetensors file, which is replaced as a whole or not at all."},
    {"load", load, METH_VARARGS,
     "load($self, path, /)\n--\n\nTakes over a state that save() wrote. ValueError, with the optimizer unchanged and "
     "every name told that is\nmissing, unexpected or differs, if it is of another optimizer or model."},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Holds parameters and changes them by their gradients; see its subclasses."},
    {Py_tp_dealloc, optimizer_dealloc},
    {Py_tp_getset, getset},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.Optimizer", sizeof(OptimizerObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

int optimizer_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->optimizer_type);
}

/* Calls `clip` with the tensors of a sequence, a limit and a result. */
static PyObject *clip(PyObject *module, PyObject *args, const char *format,
                      tw_status (*clip)(tw_tensor *const *, int64_t, double, double *)) {
    State *state = module_state(module);
    PyObject *parameters;
    double limit, norm = 0;
    if (!PyArg_ParseTuple(args, format, &parameters, &limit)) return NULL;
    PyObject *list = PySequence_List(parameters);
    tw_tensor **handles = list ? handles_of(state, list) : NULL;
    tw_status status = TW_OK;
    int64_t count = list ? PyList_Size(list) : 0;
    if (handles) {
        UNLOCKED(status = clip(handles, count, limit, &norm))
    }
    int result = handles ? check(state, status) : -1;
    PyMem_Free(handles);
    Py_XDECREF(list);
    return result < 0 ? NULL : PyFloat_FromDouble(norm);
}

static PyObject *clip_grad_norm(PyObject *module, PyObject *args) {
    return clip(module, args, "Od:clip_grad_norm", tw_clip_grad_norm);
}

static tw_status clip_value(tw_tensor *const *parameters, int64_t count, double limit, double *unused) {
    (void)unused;
    return tw_clip_grad_value(parameters, count, limit);
}

static PyObject *clip_grad_value(PyObject *module, PyObject *args) {
    return clip(module, args, "Od:clip_grad_value", clip_value);
}

PyMethodDef optim_functions[] = {
    {"clip_grad_norm", clip_grad_norm, METH_VARARGS,
     "clip_grad_norm(parameters, max_norm, /)\n--\n\n"
     "Scales the gradients in place so that their norm all together is at most max_norm; gives what it was."},
    {"clip_grad_value", clip_grad_value, METH_VARARGS,
     "clip_grad_value(parameters, max_value, /)\n--\n\n"
     "Holds every element of the gradients within -max_value and max_value, in place."},
    {0},
};
