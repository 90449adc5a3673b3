/* talweg.lstsq: the call, its callback, its result. */
#include "talweg_python.h"

typedef struct {
    PyObject_HEAD
    tw_lstsq_result *handle;
} ResultObject;

#define RESULT(object) (((ResultObject *)(object))->handle)

/* What the descent's callback needs. `callable` is NULL if only Ctrl-C is looked for. */
typedef struct {
    State *state;
    PyObject *callable;
    double last_look;
} Descent;

static PyObject *call_with(State *state, PyObject *callable, const tw_descent_progress *progress) {
    int64_t shape[] = {progress->targets, progress->features};
    PyObject *coefficients = tensor_wrap(
        state, tw_tensor_from_data(NULL, progress->coefficients, TW_FLOAT64, shape, 2));
    PyObject *intercept = tensor_wrap(state, tw_tensor_from_data(NULL, progress->intercept, TW_FLOAT64, shape, 1));
    PyObject *result = NULL;
    if (coefficients && intercept)
        result = PyObject_CallFunction(callable, "LLdOO", (long long)progress->iteration,
                                       (long long)progress->max_iterations, progress->loss, coefficients, intercept);
    Py_XDECREF(coefficients);
    Py_XDECREF(intercept);
    return result;
}

static int descent_callback(void *context, const tw_descent_progress *progress) {
    Descent *descent = context;
    if (interrupted(&descent->last_look)) return 1;
    if (!descent->callable) return 0;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = PyErr_Occurred() ? NULL : call_with(descent->state, descent->callable, progress);
    int stop = answer ? PyObject_IsTrue(answer) : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return stop != 0;
}

PyObject *lstsq_result_wrap(State *state, tw_lstsq_result *handle) {
    ResultObject *self = PyObject_New(ResultObject, state->lstsq_result_type);
    if (self) self->handle = handle;
    else tw_lstsq_result_free(handle);
    return (PyObject *)self;
}

tw_lstsq_result *lstsq_result_handle(PyObject *result) {
    return RESULT(result);
}

static PyObject *lstsq(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X",          "y",             "method",    "intercept",      "ridge", "weights",  "rank_tolerance",
                            "batch_size", "learning_rate", "tolerance", "max_iterations", "seed",  "callback", "offset",
                            NULL};
    State *state = module_state(module);
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    PyObject *rows, *targets, *row_weights = Py_None, *callable = Py_None, *weights = NULL, *result = NULL;
    PyObject *known = Py_None, *offset = NULL;
    int method = TW_LSTSQ_QR, intercept = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$ipdOdO&ddO&O&OO:lstsq", names, &rows, &targets, &method,
                                     &intercept, &options.ridge, &row_weights, &options.rank_tolerance, to_int64,
                                     &options.batch_size, &options.learning_rate, &options.tolerance, to_int64,
                                     &options.max_iterations, to_uint64, &options.seed, &callable, &known))
        return NULL;
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    PyObject *y = X ? tensor_from(state, targets, NULL, NULL) : NULL;
    if (y && tensor_or_none(state, row_weights, &weights) == 0 && tensor_or_none(state, known, &offset) == 0) {
        Descent descent = {state, callable == Py_None ? NULL : callable, 0};
        options.method = (tw_lstsq_method)method;
        options.intercept = intercept;
        options.weights = weights ? TENSOR(weights) : NULL;
        options.offset = offset ? TENSOR(offset) : NULL;
        options.callback = descent_callback;
        options.context = &descent;
        tw_lstsq_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_lstsq(TENSOR(X), TENSOR(y), &options, &handle))
        if (check(state, status) == 0) result = lstsq_result_wrap(state, handle);
        else tw_lstsq_result_free(handle);
    }
    Py_XDECREF(X);
    Py_XDECREF(y);
    Py_XDECREF(weights);
    Py_XDECREF(offset);
    return result;
}

static PyObject *gls(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X", "y", "covariance", "method", "ridge", "rank_tolerance", NULL};
    State *state = module_state(module);
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    PyObject *given[3], *tensors[3] = {NULL}, *result = NULL;
    int method = TW_LSTSQ_QR;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO|$idd:gls", names, &given[0], &given[1], &given[2], &method,
                                     &options.ridge, &options.rank_tolerance))
        return NULL;
    bool ready = true;
    for (int i = 0; i < 3 && ready; ++i) ready = (tensors[i] = tensor_from(state, given[i], NULL, NULL)) != NULL;
    if (ready) {
        options.method = (tw_lstsq_method)method;
        options.intercept = false;
        tw_lstsq_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_gls(TENSOR(tensors[0]), TENSOR(tensors[1]), TENSOR(tensors[2]), &options, &handle))
        if (check(state, status) == 0) result = lstsq_result_wrap(state, handle);
        else tw_lstsq_result_free(handle);
    }
    for (int i = 0; i < 3; ++i) Py_XDECREF(tensors[i]);
    return result;
}

static PyObject *whiten(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *covariance, *rows, *result = NULL;
    if (!PyArg_ParseTuple(args, "OO:whiten", &covariance, &rows)) return NULL;
    PyObject *S = tensor_from(state, covariance, NULL, NULL);
    PyObject *X = S ? tensor_from(state, rows, NULL, NULL) : NULL;
    if (X) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_whiten(NULL, TENSOR(S), TENSOR(X)))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(S);
    Py_XDECREF(X);
    return result;
}

static void result_dealloc(PyObject *self) {
    tw_lstsq_result_free(RESULT(self));
    object_free(self);
}

#define TENSOR_GETTER(name) \
    static PyObject *get_##name(PyObject *self, void *unused) { \
        (void)unused; \
        return tensor_wrap(object_state(self), tw_lstsq_result_##name(NULL, RESULT(self))); \
    }
TENSOR_GETTER(coefficients)
TENSOR_GETTER(intercept)
TENSOR_GETTER(standard_errors)
TENSOR_GETTER(intercept_standard_error)
TENSOR_GETTER(rss)
TENSOR_GETTER(r_squared)
TENSOR_GETTER(t_values)
TENSOR_GETTER(p_values)
TENSOR_GETTER(intercept_t_value)
TENSOR_GETTER(intercept_p_value)
TENSOR_GETTER(adjusted_r_squared)
TENSOR_GETTER(residual_variance)
TENSOR_GETTER(f_statistic)
TENSOR_GETTER(f_p_value)
TENSOR_GETTER(log_likelihood)
TENSOR_GETTER(aic)
TENSOR_GETTER(bic)
TENSOR_GETTER(covariance)
TENSOR_GETTER(variance_inflation)
TENSOR_GETTER(singular_values)

#define NUMBER_GETTER(name, type, make) \
    static PyObject *get_##name(PyObject *self, void *unused) { \
        (void)unused; \
        type value; \
        if (check(object_state(self), tw_lstsq_result_##name(RESULT(self), &value)) < 0) return NULL; \
        return make(value); \
    }
NUMBER_GETTER(rank, int64_t, PyLong_FromLongLong)
NUMBER_GETTER(degrees_of_freedom, int64_t, PyLong_FromLongLong)
NUMBER_GETTER(condition, double, PyFloat_FromDouble)
NUMBER_GETTER(condition_number, double, PyFloat_FromDouble)
NUMBER_GETTER(stop_reason, tw_stop_reason, PyLong_FromLong)
NUMBER_GETTER(iterations, int64_t, PyLong_FromLongLong)

static PyObject *result_predict(PyObject *self, PyObject *rows) {
    State *state = object_state(self);
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    if (!X) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_lstsq_result_predict(NULL, RESULT(self), TENSOR(X)))
    Py_DECREF(X);
    return tensor_wrap(state, handle);
}

static PyGetSetDef getset[] = {
    {"coefficients", get_coefficients, NULL, NULL, NULL},
    {"intercept", get_intercept, NULL, NULL, NULL},
    {"standard_errors", get_standard_errors, NULL, NULL, NULL},
    {"intercept_standard_error", get_intercept_standard_error, NULL, NULL, NULL},
    {"rss", get_rss, NULL, NULL, NULL},
    {"r_squared", get_r_squared, NULL, NULL, NULL},
    {"singular_values", get_singular_values, NULL, NULL, NULL},
    {"rank", get_rank, NULL, NULL, NULL},
    {"degrees_of_freedom", get_degrees_of_freedom, NULL, NULL, NULL},
    {"condition", get_condition, NULL, NULL, NULL},
    {"condition_number", get_condition_number, NULL, NULL, NULL},
    {"t_values", get_t_values, NULL, NULL, NULL},
    {"p_values", get_p_values, NULL, NULL, NULL},
    {"intercept_t_value", get_intercept_t_value, NULL, NULL, NULL},
    {"intercept_p_value", get_intercept_p_value, NULL, NULL, NULL},
    {"adjusted_r_squared", get_adjusted_r_squared, NULL, NULL, NULL},
    {"residual_variance", get_residual_variance, NULL, NULL, NULL},
    {"f_statistic", get_f_statistic, NULL, NULL, NULL},
    {"f_p_value", get_f_p_value, NULL, NULL, NULL},
    {"log_likelihood", get_log_likelihood, NULL, NULL, NULL},
    {"aic", get_aic, NULL, NULL, NULL},
    {"bic", get_bic, NULL, NULL, NULL},
    {"covariance", get_covariance, NULL, NULL, NULL},
    {"variance_inflation", get_variance_inflation, NULL, NULL, NULL},
    {"stop_reason", get_stop_reason, NULL, NULL, NULL},
    {"iterations", get_iterations, NULL, NULL, NULL},
    {0},
};

static PyMethodDef methods[] = {
    {"predict", result_predict, METH_O, "predict($self, X, /)\n--\n\nX b + c for new rows."},
    {"confidence_intervals", fit_confidence_intervals, METH_VARARGS, "confidence_intervals($self, level, /)\n--\n\n"},
    {"intercept_confidence_interval", fit_intercept_confidence_interval, METH_VARARGS,
     "intercept_confidence_interval($self, level, /)\n--\n\n"},
    {"prediction_intervals", fit_prediction_intervals, METH_VARARGS,
     "prediction_intervals($self, X, weights, kind, level, /)\n--\n\n"},
    {"prediction_errors", fit_prediction_errors, METH_VARARGS,
     "prediction_errors($self, X, weights, kind, /)\n--\n\n"},
    {"residuals", fit_residuals, METH_VARARGS, "residuals($self, X, y, /)\n--\n\n"},
    {"leverage", fit_leverage, METH_VARARGS, "leverage($self, X, weights, /)\n--\n\n"},
    {"influence", fit_influence, METH_VARARGS, "influence($self, X, y, weights, kind, /)\n--\n\n"},
    {"robust_covariance", fit_robust_covariance, METH_VARARGS,
     "robust_covariance($self, X, y, weights, kind, lags, small_sample, /)\n--\n\n"},
    {"summary", fit_summary, METH_VARARGS, "summary($self, level, names, /)\n--\n\n"},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The engine's fit, under talweg.LstsqResult."},
    {Py_tp_dealloc, result_dealloc},
    {Py_tp_getset, getset},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.LstsqFit", sizeof(ResultObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

int lstsq_result_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->lstsq_result_type);
}

PyMethodDef lstsq_functions[] = {
    {"lstsq", METHOD_KEYWORDS(lstsq),
     "lstsq(X, y, *, method=0, intercept=True, ridge=0.0, weights=None, rank_tolerance=-1.0, batch_size=0, "
     "learning_rate=0.01, tolerance=1e-09, max_iterations=10000, seed=0, callback=None, offset=None)\n--\n\n"
     "As talweg.lstsq, with the method by its number; the callback gets iteration,\n"
     "max_iterations, loss, coefficients [targets, features] and intercept [targets]."},
    {"gls", METHOD_KEYWORDS(gls),
     "gls(X, y, covariance, *, method=0, ridge=0.0, rank_tolerance=-1.0)\n--\n\n"
     "As talweg.gls, with the method by its number."},
    {"whiten", whiten, METH_VARARGS,
     "whiten(covariance, rows, /)\n--\n\nL^-1 rows for the covariance L L', float64."},
    {0},
};
