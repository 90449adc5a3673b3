/* Averaged weights of a module: one type, made by its _init method. */
#include "talweg_python.h"

typedef struct {
    PyObject_HEAD
    tw_average *handle;
} AverageObject;

#define AVERAGE(object) (((AverageObject *)(object))->handle)

static PyObject *done(PyObject *self, tw_status status) {
    return check(object_state(self), status) < 0 ? NULL : Py_NewRef(Py_None);
}

/* _init(model, decay or None for equal averages, bias_correction, average_buffers) */
static PyObject *init(PyObject *self, PyObject *args) {
    State *state = object_state(self);
    PyObject *model, *decay;
    int correction, buffers;
    if (!PyArg_ParseTuple(args, "O!Opp", state->module_type, &model, &decay, &correction, &buffers)) return NULL;
    tw_average *handle = NULL;
    tw_status status;
    if (decay == Py_None) {
        UNLOCKED(status = tw_swa_new(MODULE(model), buffers, &handle))
    } else {
        tw_ema_options options = TW_EMA_OPTIONS_INIT;
        options.decay = PyFloat_AsDouble(decay);
        if (PyErr_Occurred()) return NULL;
        options.bias_correction = correction;
        options.average_buffers = buffers;
        UNLOCKED(status = tw_ema_new(MODULE(model), &options, &handle))
    }
    if (check(state, status) < 0) return NULL;
    tw_average_free(AVERAGE(self));
    AVERAGE(self) = handle;
    Py_RETURN_NONE;
}

#define PLAIN(name)                                              \
    static PyObject *name(PyObject *self, PyObject *unused) {    \
        (void)unused;                                            \
        tw_status status;                                        \
        UNLOCKED(status = tw_average_##name(AVERAGE(self)))      \
        return done(self, status);                               \
    }
PLAIN(update)
PLAIN(apply)
PLAIN(restore)

static PyObject *updates(PyObject *self, PyObject *unused) {
    (void)unused;
    int64_t count;
    if (check(object_state(self), tw_average_updates(AVERAGE(self), &count)) < 0) return NULL;
    return PyLong_FromLongLong(count);
}

static PyObject *copy_to(PyObject *self, PyObject *model) {
    State *state = object_state(self);
    if (!PyObject_TypeCheck(model, state->module_type)) {
        PyErr_Format(PyExc_TypeError, "a Module was expected, not %R", Py_TYPE(model));
        return NULL;
    }
    return done(self, tw_average_copy_to(AVERAGE(self), MODULE(model)));
}

static PyObject *average(PyObject *self, PyObject *args) {
    const char *path;
    if (!PyArg_ParseTuple(args, "s", &path)) return NULL;
    return tensor_wrap(object_state(self), tw_average_tensor(NULL, AVERAGE(self), path));
}

static tw_status write_names(const void *average, int64_t unused, char *text, size_t capacity, size_t *needed) {
    (void)unused;
    return tw_average_state_names(average, text, capacity, needed);
}

static tw_status read_state(const void *average, tw_tensor **tensors, int64_t capacity, int64_t *count) {
    return tw_average_state(NULL, average, tensors, capacity, count);
}

static tw_status write_state(void *average, const char *const *names, tw_tensor *const *tensors, int64_t count) {
    return tw_average_set_state(average, names, (const tw_tensor *const *)tensors, count);
}

static PyObject *get_state(PyObject *self, PyObject *unused) {
    (void)unused;
    return state_dict_from(object_state(self), AVERAGE(self), write_names, read_state);
}

static PyObject *set_state(PyObject *self, PyObject *args) {
    PyObject *dict;
    if (!PyArg_ParseTuple(args, "O!", &PyDict_Type, &dict)) return NULL;
    return state_dict_to(object_state(self), AVERAGE(self), dict, write_state);
}

static void average_dealloc(PyObject *self) {
    tw_average_free(AVERAGE(self));
    object_free(self);
}

static PyMethodDef methods[] = {
    {"_init", init, METH_VARARGS, NULL},
    {"_update", update, METH_NOARGS, NULL},
    {"_apply", apply, METH_NOARGS, NULL},
    {"_restore", restore, METH_NOARGS, NULL},
    {"_updates", updates, METH_NOARGS, NULL},
    {"_copy_to", copy_to, METH_O, NULL},
    {"_average", average, METH_VARARGS, NULL},
    {"_state", get_state, METH_NOARGS, NULL},
    {"_set_state", set_state, METH_VARARGS, NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Averages of a module's weights; see talweg.optim.swa_utils."},
    {Py_tp_dealloc, average_dealloc},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.Average", sizeof(AverageObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

int average_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->average_type);
}
