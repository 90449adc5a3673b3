/* Learning-rate schedules, one type made by its _init method, and the learning-rate finder. */
#include "talweg_python.h"

typedef struct {
    PyObject_HEAD
    tw_schedule *handle;
} ScheduleObject;

#define SCHEDULE(object) (((ScheduleObject *)(object))->handle)

/* The state is had before the call: looking for it clears the exception that a callback may have left. */
static PyObject *done(State *state, tw_status status) {
    return check(state, status) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *adopt(PyObject *self, tw_status status, tw_schedule *handle) {
    if (check(object_state(self), status) < 0) return NULL;
    tw_schedule_free(SCHEDULE(self));
    SCHEDULE(self) = handle;
    Py_RETURN_NONE;
}

/* Calls a Python function of the step. */
static int callback(void *context, int64_t step, double *factor) {
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = PyErr_Occurred() ? NULL : PyObject_CallFunction(context, "L", (long long)step);
    if (answer) *factor = PyFloat_AsDouble(answer);
    int failed = !answer || PyErr_Occurred();
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return failed;
}

static void callback_destroy(void *context) {
    if (!Py_IsInitialized()) return;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    Py_DECREF((PyObject *)context);
    PyErr_Restore(type, value, traceback);
    PyGILState_Release(lock);
}

static PyObject *init_constant(PyObject *self, PyObject *args) {
    double factor;
    int64_t steps;
    if (!PyArg_ParseTuple(args, "dO&", &factor, to_int64, &steps)) return NULL;
    tw_schedule *handle = NULL;
    tw_status status = tw_schedule_constant_new(factor, steps, &handle);
    return adopt(self, status, handle);
}

static PyObject *init_linear(PyObject *self, PyObject *args) {
    double start, end;
    int64_t steps;
    if (!PyArg_ParseTuple(args, "ddO&", &start, &end, to_int64, &steps)) return NULL;
    tw_schedule *handle = NULL;
    tw_status status = tw_schedule_linear_new(start, end, steps, &handle);
    return adopt(self, status, handle);
}

static PyObject *init_step(PyObject *self, PyObject *args) {
    double gamma;
    int64_t every;
    if (!PyArg_ParseTuple(args, "O&d", to_int64, &every, &gamma)) return NULL;
    tw_schedule *handle = NULL;
    tw_status status = tw_schedule_step_new(every, gamma, &handle);
    return adopt(self, status, handle);
}

/* The whole numbers of a list; NULL with an exception; freed by PyMem_Free. */
static int64_t *integers_of(PyObject *list) {
    Py_ssize_t count = PyList_Size(list);
    int64_t *values = PyMem_Calloc((size_t)count + 1, sizeof *values);
    if (!values) return (int64_t *)PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < count; ++i) {
        if (int64_from(PyList_GetItem(list, i), "milestones", &values[i]) < 0) {
            PyMem_Free(values);
            return NULL;
        }
    }
    return values;
}

static PyObject *init_multi_step(PyObject *self, PyObject *args) {
    double gamma;
    PyObject *list;
    if (!PyArg_ParseTuple(args, "O!d", &PyList_Type, &list, &gamma)) return NULL;
    int64_t *milestones = integers_of(list);
    if (!milestones) return NULL;
    tw_schedule *handle = NULL;
    tw_status status = tw_schedule_multi_step_new(milestones, PyList_Size(list), gamma, &handle);
    PyMem_Free(milestones);
    return adopt(self, status, handle);
}

static PyObject *init_exponential(PyObject *self, PyObject *args) {
    double gamma;
    if (!PyArg_ParseTuple(args, "d", &gamma)) return NULL;
    tw_schedule *handle = NULL;
    tw_status status = tw_schedule_exponential_new(gamma, &handle);
    return adopt(self, status, handle);
}

static PyObject *init_cosine(PyObject *self, PyObject *args) {
    double minimum;
    int64_t steps;
    if (!PyArg_ParseTuple(args, "O&d", to_int64, &steps, &minimum)) return NULL;
    tw_schedule *handle = NULL;
    tw_status status = tw_schedule_cosine_new(steps, minimum, &handle);
    return adopt(self, status, handle);
}

static PyObject *init_cosine_restarts(PyObject *self, PyObject *args) {
    double minimum;
    int64_t first, multiplier;
    if (!PyArg_ParseTuple(args, "O&O&d", to_int64, &first, to_int64, &multiplier, &minimum)) return NULL;
    tw_schedule *handle = NULL;
    tw_status status = tw_schedule_cosine_restarts_new(first, multiplier, minimum, &handle);
    return adopt(self, status, handle);
}

static PyObject *init_polynomial(PyObject *self, PyObject *args) {
    double power;
    int64_t steps;
    if (!PyArg_ParseTuple(args, "O&d", to_int64, &steps, &power)) return NULL;
    tw_schedule *handle = NULL;
    tw_status status = tw_schedule_polynomial_new(steps, power, &handle);
    return adopt(self, status, handle);
}

static PyObject *init_one_cycle(PyObject *self, PyObject *args) {
    tw_one_cycle_options options = TW_ONE_CYCLE_OPTIONS_INIT;
    int linear, three, cycle;
    if (!PyArg_ParseTuple(args, "O&dddpppdd", to_int64, &options.steps, &options.rising_share, &options.start_divisor,
                          &options.end_divisor, &linear, &three, &cycle, &options.low_momentum,
                          &options.high_momentum))
        return NULL;
    options.linear = linear;
    options.three_phases = three;
    options.cycle_momentum = cycle;
    tw_schedule *handle = NULL;
    tw_status status = tw_schedule_one_cycle_new(&options, &handle);
    return adopt(self, status, handle);
}

static PyObject *init_callback(PyObject *self, PyObject *function) {
    if (!PyCallable_Check(function)) {
        PyErr_Format(PyExc_TypeError, "a function of the step was expected, not %R", Py_TYPE(function));
        return NULL;
    }
    tw_schedule *handle = NULL;
    tw_status status = tw_schedule_callback_new(callback, Py_NewRef(function), callback_destroy, &handle);
    return adopt(self, status, handle);
}

static int schedule_check(PyObject *self, PyObject *object) {
    State *state = object_state(self);
    if (PyObject_TypeCheck(object, state->schedule_type)) return 0;
    PyErr_Format(PyExc_TypeError, "a schedule was expected, not %R", Py_TYPE(object));
    return -1;
}

static PyObject *init_warmup(PyObject *self, PyObject *args) {
    int64_t steps;
    double start;
    PyObject *then;
    if (!PyArg_ParseTuple(args, "O&dO", to_int64, &steps, &start, &then) || schedule_check(self, then) < 0) return NULL;
    tw_schedule *handle = NULL;
    tw_status status = tw_schedule_warmup_new(steps, start, SCHEDULE(then), &handle);
    return adopt(self, status, handle);
}

static PyObject *init_sequential(PyObject *self, PyObject *args) {
    PyObject *list, *places;
    if (!PyArg_ParseTuple(args, "O!O!", &PyList_Type, &list, &PyList_Type, &places)) return NULL;
    Py_ssize_t count = PyList_Size(list);
    if (PyList_Size(places) + 1 != count) {
        PyErr_Format(PyExc_ValueError, "%zd schedules need one milestone less, not %zd", count, PyList_Size(places));
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; ++i)
        if (schedule_check(self, PyList_GetItem(list, i)) < 0) return NULL;
    const tw_schedule **handles = PyMem_Calloc((size_t)count + 1, sizeof *handles);
    if (!handles) return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < count; ++i) handles[i] = SCHEDULE(PyList_GetItem(list, i));
    int64_t *milestones = integers_of(places);
    PyObject *result = NULL;
    if (milestones) {
        tw_schedule *handle = NULL;
        tw_status status = tw_schedule_sequential_new(handles, count, milestones, &handle);
        result = adopt(self, status, handle);
    }
    PyMem_Free(milestones);
    PyMem_Free(handles);
    return result;
}

static PyObject *init_plateau(PyObject *self, PyObject *args) {
    tw_plateau_options options = TW_PLATEAU_OPTIONS_INIT;
    int maximize, absolute;
    if (!PyArg_ParseTuple(args, "pdO&dpO&ddO&d", &maximize, &options.factor, to_int64, &options.patience,
                          &options.threshold, &absolute, to_int64, &options.cooldown, &options.minimum,
                          &options.epsilon, to_int64, &options.warmup_steps, &options.warmup_start))
        return NULL;
    options.maximize = maximize;
    options.absolute_threshold = absolute;
    tw_schedule *handle = NULL;
    tw_status status = tw_schedule_plateau_new(&options, &handle);
    return adopt(self, status, handle);
}

static PyObject *attach(PyObject *self, PyObject *optimizer) {
    State *state = object_state(self);
    if (!PyObject_TypeCheck(optimizer, state->optimizer_type)) {
        PyErr_Format(PyExc_TypeError, "an optimizer was expected, not %R", Py_TYPE(optimizer));
        return NULL;
    }
    return done(state, tw_schedule_attach(SCHEDULE(self), OPTIMIZER(optimizer)));
}

static PyObject *step(PyObject *self, PyObject *args) {
    State *state = object_state(self);
    PyObject *metric = Py_None;
    if (!PyArg_ParseTuple(args, "|O", &metric)) return NULL;
    if (metric == Py_None) return done(state, tw_schedule_step(SCHEDULE(self)));
    double value = PyFloat_AsDouble(metric);
    if (PyErr_Occurred()) return NULL;
    return done(state, tw_schedule_step_metric(SCHEDULE(self), value));
}

static PyObject *rate(PyObject *self, PyObject *args) {
    State *state = object_state(self);
    int64_t place;
    double base, value;
    if (!PyArg_ParseTuple(args, "O&d", to_int64, &place, &base)) return NULL;
    if (check(state, tw_schedule_rate(SCHEDULE(self), place, base, &value)) < 0) return NULL;
    return PyFloat_FromDouble(value);
}

static PyObject *last_step(PyObject *self, PyObject *unused) {
    (void)unused;
    int64_t value;
    if (check(object_state(self), tw_schedule_last_step(SCHEDULE(self), &value)) < 0) return NULL;
    return PyLong_FromLongLong(value);
}

static tw_status write_names(const void *schedule, int64_t unused, char *text, size_t capacity, size_t *needed) {
    (void)unused;
    return tw_schedule_state_names(schedule, text, capacity, needed);
}

static tw_status read_state(const void *schedule, tw_tensor **tensors, int64_t capacity, int64_t *count) {
    return tw_schedule_state(NULL, schedule, tensors, capacity, count);
}

static tw_status write_state(void *schedule, const char *const *names, tw_tensor *const *tensors, int64_t count) {
    return tw_schedule_set_state(schedule, names, (const tw_tensor *const *)tensors, count);
}

static PyObject *get_state(PyObject *self, PyObject *unused) {
    (void)unused;
    return state_dict_from(object_state(self), SCHEDULE(self), write_names, read_state);
}

static PyObject *set_state(PyObject *self, PyObject *args) {
    PyObject *dict;
    if (!PyArg_ParseTuple(args, "O!", &PyDict_Type, &dict)) return NULL;
    return state_dict_to(object_state(self), SCHEDULE(self), dict, write_state);
}

static void schedule_dealloc(PyObject *self) {
    tw_schedule_free(SCHEDULE(self));
    object_free(self);
}

static PyMethodDef methods[] = {
    {"_init_constant", init_constant, METH_VARARGS, NULL},
    {"_init_linear", init_linear, METH_VARARGS, NULL},
    {"_init_step", init_step, METH_VARARGS, NULL},
    {"_init_multi_step", init_multi_step, METH_VARARGS, NULL},
    {"_init_exponential", init_exponential, METH_VARARGS, NULL},
    {"_init_cosine", init_cosine, METH_VARARGS, NULL},
    {"_init_cosine_restarts", init_cosine_restarts, METH_VARARGS, NULL},
    {"_init_polynomial", init_polynomial, METH_VARARGS, NULL},
    {"_init_one_cycle", init_one_cycle, METH_VARARGS, NULL},
    {"_init_callback", init_callback, METH_O, NULL},
    {"_init_warmup", init_warmup, METH_VARARGS, NULL},
    {"_init_sequential", init_sequential, METH_VARARGS, NULL},
    {"_init_plateau", init_plateau, METH_VARARGS, NULL},
    {"_attach", attach, METH_O, NULL},
    {"_step", step, METH_VARARGS, NULL},
    {"_rate", rate, METH_VARARGS, NULL},
    {"_last_step", last_step, METH_NOARGS, NULL},
    {"_state", get_state, METH_NOARGS, NULL},
    {"_set_state", set_state, METH_VARARGS, NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Sets an optimizer's learning rates step by step; see talweg.optim.lr_scheduler."},
    {Py_tp_dealloc, schedule_dealloc},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.Schedule", sizeof(ScheduleObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

int schedule_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->schedule_type);
}

/* ---- The learning-rate finder ---- */

static PyObject *list_of(const double *values, int64_t count) {
    PyObject *list = PyList_New(0);
    for (int64_t i = 0; list && i < count; ++i) {
        PyObject *number = PyFloat_FromDouble(values[i]);
        if (!number || PyList_Append(list, number) < 0) Py_CLEAR(list);
        Py_XDECREF(number);
    }
    return list;
}

static PyObject *find_learning_rate(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_find_rate_options options = TW_FIND_RATE_OPTIONS_INIT;
    PyObject *model, *optimizer, *inputs, *targets, *result = NULL;
    int loss, shuffle;
    if (!PyArg_ParseTuple(args, "O!O!OOiO&pO&ddO&dd", state->module_type, &model, state->optimizer_type, &optimizer,
                          &inputs, &targets, &loss, to_int64, &options.batch_size, &shuffle, to_uint64, &options.seed,
                          &options.start, &options.end, to_int64, &options.steps, &options.smoothing,
                          &options.divergence))
        return NULL;
    options.loss = (tw_loss)loss;
    options.shuffle = shuffle;
    /* Steps out of range are refused before they are made room for. */
    int64_t room = options.steps > 0 && options.steps <= 1 << 24 ? options.steps : 0;
    PyObject *x = tensor_from(state, inputs, NULL, NULL), *y = x ? tensor_from(state, targets, NULL, NULL) : NULL;
    double *rates = PyMem_Calloc(2 * (size_t)room + 1, sizeof *rates), *losses = rates ? rates + room : NULL;
    if (!rates) PyErr_NoMemory();
    if (x && y && rates) {
        int64_t count = 0;
        double suggestion = 0;
        tw_status status;
        UNLOCKED(status = tw_find_learning_rate(MODULE(model), OPTIMIZER(optimizer), TENSOR(x), TENSOR(y), &options,
                                                room ? rates : NULL, room ? losses : NULL, &count, &suggestion))
        if (check(state, status) == 0) {
            PyObject *first = list_of(rates, count), *second = list_of(losses, count);
            if (first && second) result = Py_BuildValue("(OOd)", first, second, suggestion);
            Py_XDECREF(first);
            Py_XDECREF(second);
        }
    }
    PyMem_Free(rates);
    Py_XDECREF(x);
    Py_XDECREF(y);
    return result;
}

PyMethodDef schedule_functions[] = {
    {"find_learning_rate", find_learning_rate, METH_VARARGS,
     "find_learning_rate(model, optimizer, inputs, targets, loss, batch_size, shuffle, seed, start, end, steps, "
     "smoothing, divergence, /)\n--\n\nThe rates, the smoothed losses and the suggestion of talweg.optim.find_lr."},
    {0},
};

int schedule_from(State *state, PyObject *object, tw_schedule **schedule) {
    *schedule = NULL;
    if (object == Py_None) return 0;
    if (!PyObject_TypeCheck(object, state->schedule_type)) {
        PyErr_Format(PyExc_TypeError, "schedule is a schedule of talweg.optim.lr_scheduler or None, not %R", object);
        return -1;
    }
    *schedule = SCHEDULE(object);
    return 0;
}
