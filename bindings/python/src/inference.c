/* Methods of a least-squares fit that need arguments: inference.h. */
#include "talweg_python.h"

/* Up to three tensors of an argument tuple's objects; those that are None stay NULL. */
typedef struct {
    PyObject *objects[3];
    const tw_tensor *tensors[3];
} Inputs;

static int inputs_from(State *state, PyObject *const *given, int count, Inputs *inputs) {
    *inputs = (Inputs){{NULL, NULL, NULL}, {NULL, NULL, NULL}};
    for (int i = 0; i < count; ++i) {
        if (tensor_or_none(state, given[i], &inputs->objects[i]) < 0) return -1;
        inputs->tensors[i] = inputs->objects[i] ? TENSOR(inputs->objects[i]) : NULL;
    }
    return 0;
}

static void inputs_release(Inputs *inputs) {
    for (int i = 0; i < 3; ++i) Py_CLEAR(inputs->objects[i]);
}

/* A tensor that `call` makes of the tensors `in.tensors` of `count` of the objects `given`. */
#define OF_INPUTS(count, call) \
    State *state = object_state(self); \
    tw_lstsq_result *fit = lstsq_result_handle(self); \
    Inputs in; \
    PyObject *result = NULL; \
    if (inputs_from(state, given, count, &in) == 0) { \
        tw_tensor *handle; \
        UNLOCKED(handle = call) \
        result = tensor_wrap(state, handle); \
    } \
    inputs_release(&in); \
    return result;

PyObject *fit_confidence_intervals(PyObject *self, PyObject *args) {
    double level;
    if (!PyArg_ParseTuple(args, "d", &level)) return NULL;
    return tensor_wrap(object_state(self),
                       tw_lstsq_result_confidence_intervals(NULL, lstsq_result_handle(self), level));
}

PyObject *fit_intercept_confidence_interval(PyObject *self, PyObject *args) {
    double level;
    if (!PyArg_ParseTuple(args, "d", &level)) return NULL;
    return tensor_wrap(object_state(self),
                       tw_lstsq_result_intercept_confidence_interval(NULL, lstsq_result_handle(self), level));
}

PyObject *fit_prediction_intervals(PyObject *self, PyObject *args) {
    PyObject *given[2];
    int kind;
    double level;
    if (!PyArg_ParseTuple(args, "OOid", &given[0], &given[1], &kind, &level)) return NULL;
    OF_INPUTS(2, tw_lstsq_result_prediction_intervals(NULL, fit, in.tensors[0], in.tensors[1], (tw_interval_kind)kind,
                                                      level))
}

PyObject *fit_prediction_errors(PyObject *self, PyObject *args) {
    PyObject *given[2];
    int kind;
    if (!PyArg_ParseTuple(args, "OOi", &given[0], &given[1], &kind)) return NULL;
    OF_INPUTS(2, tw_lstsq_result_prediction_errors(NULL, fit, in.tensors[0], in.tensors[1], (tw_interval_kind)kind))
}

PyObject *fit_residuals(PyObject *self, PyObject *args) {
    PyObject *given[2];
    if (!PyArg_ParseTuple(args, "OO", &given[0], &given[1])) return NULL;
    OF_INPUTS(2, tw_lstsq_result_residuals(NULL, fit, in.tensors[0], in.tensors[1]))
}

PyObject *fit_leverage(PyObject *self, PyObject *args) {
    PyObject *given[2];
    if (!PyArg_ParseTuple(args, "OO", &given[0], &given[1])) return NULL;
    OF_INPUTS(2, tw_lstsq_result_leverage(NULL, fit, in.tensors[0], in.tensors[1]))
}

PyObject *fit_influence(PyObject *self, PyObject *args) {
    PyObject *given[3];
    int kind;
    if (!PyArg_ParseTuple(args, "OOOi", &given[0], &given[1], &given[2], &kind)) return NULL;
    OF_INPUTS(3, tw_lstsq_result_influence(NULL, fit, in.tensors[0], in.tensors[1], in.tensors[2],
                                           (tw_influence_kind)kind))
}

static tw_tensor *robust(const tw_lstsq_result *fit, const Inputs *in, tw_robust_covariance_options *options) {
    options->weights = in->tensors[2];
    return tw_lstsq_result_robust_covariance(NULL, fit, in->tensors[0], in->tensors[1], options);
}

PyObject *fit_robust_covariance(PyObject *self, PyObject *args) {
    tw_robust_covariance_options options = TW_ROBUST_COVARIANCE_OPTIONS_INIT;
    PyObject *given[3];
    int kind, small_sample;
    if (!PyArg_ParseTuple(args, "OOOiO&p", &given[0], &given[1], &given[2], &kind, to_int64, &options.lags,
                          &small_sample))
        return NULL;
    options.kind = (tw_robust_covariance_kind)kind;
    options.small_sample = small_sample;
    OF_INPUTS(3, robust(fit, &in, &options))
}

static tw_status summary_of_lstsq(PyObject *self, const tw_summary_options *options, char **text) {
    return tw_lstsq_result_summary(lstsq_result_handle(self), options, text);
}

PyObject *fit_summary(PyObject *self, PyObject *args) { return summary_with(self, args, summary_of_lstsq); }

PyObject *summary_with(PyObject *self, PyObject *args,
                       tw_status (*write)(PyObject *, const tw_summary_options *, char **)) {
    State *state = object_state(self);
    tw_summary_options options = TW_SUMMARY_OPTIONS_INIT;
    PyObject *given, *names = NULL, *result = NULL;
    if (!PyArg_ParseTuple(args, "dO", &options.level, &given)) return NULL;
    const char **texts = NULL;
    if (given != Py_None) {
        names = PySequence_Tuple(given);
        Py_ssize_t count = names ? PyTuple_Size(names) : -1;
        if (count < 0) goto end;
        texts = PyMem_Calloc((size_t)count + 1, sizeof *texts);
        if (!texts) {
            PyErr_NoMemory();
            goto end;
        }
        for (Py_ssize_t i = 0; i < count; ++i) {
            texts[i] = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(names, i), NULL);
            if (!texts[i]) goto end;
        }
        options.names = texts;
        options.name_count = count;
    }
    char *text = NULL;
    if (check(state, write(self, &options, &text)) == 0)
        result = PyUnicode_FromString(text);
    tw_string_free(text);
end:
    PyMem_Free(texts);
    Py_XDECREF(names);
    return result;
}
