/* The fit loop and prediction. */
#include "talweg_python.h"

#include "train.h"

/* What a call of fit borrows from its arguments, and the memory that it made for them. */
typedef struct {
    Fit fit;
    tw_fit_options options;
    PyObject *x, *y, *held_x, *held_y;
    tw_fit_metric *metrics;
    Metric *callables;
    PyObject *further, *held_further, *generators;
    tw_tensor **further_handles, **held_further_handles;
    tw_generator **generator_handles;
} Call;

static void call_release(Call *call) {
    Py_XDECREF(call->x);
    Py_XDECREF(call->y);
    Py_XDECREF(call->held_x);
    Py_XDECREF(call->held_y);
    Py_XDECREF(call->further);
    Py_XDECREF(call->held_further);
    Py_XDECREF(call->generators);
    PyMem_Free(call->metrics);
    PyMem_Free(call->callables);
    PyMem_Free(call->further_handles);
    PyMem_Free(call->held_further_handles);
    PyMem_Free(call->generator_handles);
}

/* Metrics from a tuple of (name, callable). */
static int metrics_from(State *state, PyObject *given, Call *call) {
    if (given == Py_None) return 0;
    Py_ssize_t count = PyTuple_Check(given) ? PyTuple_Size(given) : -1;
    if (count < 0) {
        PyErr_SetString(PyExc_TypeError, "metrics is a tuple of (name, callable)");
        return -1;
    }
    call->metrics = PyMem_Calloc((size_t)count + 1, sizeof *call->metrics);
    call->callables = PyMem_Calloc((size_t)count + 1, sizeof *call->callables);
    if (!call->metrics || !call->callables) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; ++i) {
        PyObject *pair = PyTuple_GetItem(given, i);
        PyObject *name, *callable;
        if (!PyTuple_Check(pair) || !PyArg_ParseTuple(pair, "UO", &name, &callable)) return -1;
        const char *text = PyUnicode_AsUTF8AndSize(name, NULL);
        if (!text) return -1;
        call->callables[i] = (Metric){state, callable};
        call->metrics[i] = (tw_fit_metric){text, fit_metric, &call->callables[i]};
    }
    call->options.metrics = call->metrics;
    call->options.metric_count = count;
    return 0;
}

static int generators_from(State *state, PyObject *given, Call *call) {
    if (given == Py_None) return 0;
    call->generators = PySequence_Tuple(given);
    if (!call->generators) return -1;
    Py_ssize_t count = PyTuple_Size(call->generators);
    call->generator_handles = PyMem_Calloc((size_t)count + 1, sizeof(tw_generator *));
    if (!call->generator_handles) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; ++i)
        if (generator_from(state, PyTuple_GetItem(call->generators, i), &call->generator_handles[i]) < 0) return -1;
    call->options.generators = call->generator_handles;
    call->options.generator_count = count;
    return 0;
}

static int further_from(State *state, PyObject *given, PyObject *held, Call *call) {
    Py_ssize_t count = 0, held_count = 0;
    if (given != Py_None && tensors_from(state, given, &call->further, &call->further_handles, &count) < 0) return -1;
    if (held != Py_None &&
        tensors_from(state, held, &call->held_further, &call->held_further_handles, &held_count) < 0)
        return -1;
    if (held != Py_None && held_count != count) {
        PyErr_Format(PyExc_ValueError, "fit: %zd further inputs to train on, %zd to validate", count, held_count);
        return -1;
    }
    call->options.further_inputs = (const tw_tensor *const *)call->further_handles;
    call->options.further_validation_inputs = (const tw_tensor *const *)call->held_further_handles;
    call->options.further_count = count;
    return 0;
}

static PyObject *callable_or_null(PyObject *object) { return object == Py_None ? NULL : object; }

static PyObject *fit(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {
        "model", "optimizer", "inputs", "targets", "loss", "loss_function", "epochs", "batch_size", "shuffle",
        "drop_last", "seed", "validation_split", "validation_inputs", "validation_targets", "patience", "min_delta",
        "restore_best", "l1", "l2", "callback", "max_steps", "accumulate", "validation_steps", "metrics", "schedule",
        "schedule_epochs", "max_norm", "max_value", "record_steps", "check_gradients", "checkpoint_folder",
        "checkpoint_steps", "checkpoint_epochs", "checkpoint_seconds", "checkpoint_keep", "checkpoint_required",
        "resume", "generators", "further_inputs", "further_validation_inputs", "on_event", "watched", "interval", NULL};
    State *state = module_state(module);
    Call call = {.options = TW_FIT_OPTIONS_INIT};
    tw_fit_options *o = &call.options;
    PyObject *model, *optimizer, *inputs, *targets, *loss_function = Py_None, *callback = Py_None;
    PyObject *held_inputs = Py_None, *held_targets = Py_None, *metrics = Py_None, *schedule = Py_None;
    PyObject *generators = Py_None, *further = Py_None, *held_further = Py_None, *on_event = Py_None, *result = NULL;
    int loss = o->loss, shuffle = o->shuffle, drop_last = 0, restore = 0, by_epoch = 0, gradients = 0, required = 0;
    unsigned int watched = 0;
    double interval = -1;
    if (!PyArg_ParseTupleAndKeywords(
            args, kwargs, "O!O!OO|$iOO&O&ppO&dOOO&dpddOO&O&O&OOpddO&pzO&O&dO&pzOOOOId:fit", names, state->module_type,
            &model, state->optimizer_type, &optimizer, &inputs, &targets, &loss, &loss_function, to_int64, &o->epochs,
            to_int64, &o->batch_size, &shuffle, &drop_last, to_uint64, &o->seed, &o->validation_split, &held_inputs,
            &held_targets, to_int64, &o->patience, &o->min_delta, &restore, &o->l1, &o->l2, &callback, to_int64,
            &o->max_steps, to_int64, &o->accumulate, to_int64, &o->validation_steps, &metrics, &schedule, &by_epoch,
            &o->max_norm, &o->max_value, to_int64, &o->record_steps, &gradients, &o->checkpoint_folder, to_int64,
            &o->checkpoint_steps, to_int64, &o->checkpoint_epochs, &o->checkpoint_seconds, to_int64,
            &o->checkpoint_keep, &required, &o->resume, &generators, &further, &held_further, &on_event, &watched,
            &interval))
        return NULL;
    if (!(call.x = tensor_from(state, inputs, NULL, NULL)) || !(call.y = tensor_from(state, targets, NULL, NULL)) ||
        tensor_or_none(state, held_inputs, &call.held_x) < 0 ||
        tensor_or_none(state, held_targets, &call.held_y) < 0 || metrics_from(state, metrics, &call) < 0 ||
        generators_from(state, generators, &call) < 0 || further_from(state, further, held_further, &call) < 0 ||
        schedule_from(state, schedule, &o->schedule) < 0)
        goto done;
    call.fit = (Fit){state, callable_or_null(loss_function), callable_or_null(callback), callable_or_null(on_event),
                     watched, interval, 0, 0};
    o->loss = (tw_loss)loss;
    o->shuffle = shuffle;
    o->drop_last = drop_last;
    o->validation_inputs = call.held_x ? TENSOR(call.held_x) : NULL;
    o->validation_targets = call.held_y ? TENSOR(call.held_y) : NULL;
    o->restore_best = restore;
    o->schedule_epochs = by_epoch;
    o->check_gradients = gradients;
    o->checkpoint_required = required;
    o->loss_callback = call.fit.loss ? fit_loss : NULL;
    o->callback = call.fit.callback ? fit_epoch : NULL;
    o->on_event = fit_event;
    /* Ctrl-C is looked for at the end of each batch, whatever else is watched. */
    o->watched = watched | 1u << TW_FIT_BATCH_END;
    o->context = &call.fit;
    tw_history *history = NULL;
    tw_status status;
    UNLOCKED(status = tw_fit(MODULE(model), OPTIMIZER(optimizer), TENSOR(call.x), TENSOR(call.y), o, &history))
    /* Where a value was not finite, the batch was gone over once more to find out why: what that raised is told by
       the engine's message. */
    if (status == TW_ERROR_DIVERGED) PyErr_Clear();
    /* Cancelled by a callback's answer, not by an exception: an end like others. */
    if (status == TW_ERROR_CANCELLED && history && !PyErr_Occurred()) status = TW_OK;
    if (check(state, status) == 0) result = history_dict(state, history);
    tw_history_free(history);
done:
    call_release(&call);
    return result;
}

static PyObject *predict(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *model, *inputs;
    int64_t batch_size;
    if (!PyArg_ParseTuple(args, "O!OO&", state->module_type, &model, &inputs, to_int64, &batch_size)) return NULL;
    PyObject *x = tensor_from(state, inputs, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_predict(NULL, MODULE(model), TENSOR(x), batch_size))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

PyMethodDef train_functions[] = {
    {"fit", METHOD_KEYWORDS(fit),
     "fit(model, optimizer, inputs, targets, *, loss=0, loss_function=None, epochs=10, batch_size=32, shuffle=True, "
     "drop_last=False, seed=0, validation_split=0.0, validation_inputs=None, validation_targets=None, patience=0, "
     "min_delta=0.0, restore_best=False, l1=0.0, l2=0.0, callback=None, max_steps=0, accumulate=1, "
     "validation_steps=0, metrics=None, schedule=None, schedule_epochs=False, max_norm=0.0, max_value=0.0, "
     "record_steps=0, check_gradients=False, checkpoint_folder=None, checkpoint_steps=0, checkpoint_epochs=0, "
     "checkpoint_seconds=0.0, checkpoint_keep=3, checkpoint_required=False, resume=None, generators=None, "
     "further_inputs=None, further_validation_inputs=None, on_event=None, watched=0, interval=-1.0)\n--\n\n"
     "As talweg.fit, with the loss by its number or as a function, and metrics as (name, function). on_event gets the "
     "fields of tw_fit_event in their order, but for the metrics, which come last, at the kinds whose bits `watched` "
     "has, and at the end of batches every `interval` seconds. Gives a dict of what the history holds."},
    {"predict", predict, METH_VARARGS, "predict(model, inputs, batch_size, /)\n--\n\nAs talweg.predict."},
    {0},
};
