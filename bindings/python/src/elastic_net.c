/* talweg.elastic_net: the call, its callback, its result. */
#include "talweg_python.h"

typedef struct {
    PyObject_HEAD
    tw_elastic_net_result *handle;
} ResultObject;

#define RESULT(object) (((ResultObject *)(object))->handle)

/* What the callback needs. `callable` is NULL if only Ctrl-C is looked for. */
typedef struct {
    PyObject *callable;
    double last_look;
} Watcher;

static int path_callback(void *context, const tw_elastic_net_progress *progress) {
    Watcher *watcher = context;
    if (interrupted(&watcher->last_look)) return 1;
    if (!watcher->callable) return 0;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = PyErr_Occurred()
                           ? NULL
                           : PyObject_CallFunction(watcher->callable, "LLdLd", (long long)progress->index,
                                                   (long long)progress->count, progress->penalty,
                                                   (long long)progress->nonzeros, progress->gap);
    int stop = answer ? PyObject_IsTrue(answer) : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return stop != 0;
}

static PyObject *result_wrap(State *state, tw_elastic_net_result *handle) {
    ResultObject *self = PyObject_New(ResultObject, state->elastic_net_result_type);
    if (self) self->handle = handle;
    else tw_elastic_net_result_free(handle);
    return (PyObject *)self;
}

int numbers_from(State *state, PyObject *object, double **values, int64_t *count) {
    *values = NULL;
    if (object == Py_None) return 0;
    PyObject *tensor = tensor_from(state, object, NULL, NULL);
    if (!tensor) return -1;
    int result = check(state, tw_tensor_count(TENSOR(tensor), count));
    if (result == 0) {
        *values = PyMem_Malloc((size_t)(*count ? *count : 1) * sizeof **values);
        if (!*values) {
            PyErr_NoMemory();
            result = -1;
        } else result = check(state, tw_tensor_to_double(TENSOR(tensor), *values, *count));
    }
    Py_DECREF(tensor);
    return result;
}

static PyObject *elastic_net(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X",        "y",    "l1_ratio", "penalties", "penalty_count",  "penalty_ratio", "intercept",
                            "standardize", "positive", "mode", "weights", "tolerance", "max_iterations", "folds",
                            "seed",     "fold_of_row", "callback", NULL};
    State *state = module_state(module);
    tw_elastic_net_options options = TW_ELASTIC_NET_OPTIONS_INIT;
    PyObject *rows, *targets, *given = Py_None, *row_weights = Py_None, *row_folds = Py_None, *callable = Py_None;
    PyObject *weights = NULL, *folds = NULL, *result = NULL;
    int intercept = 1, standardize = 0, positive = 0, mode = 0;
    double *penalties = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$dOO&dpppiOdO&O&O&OO:elastic_net", names, &rows, &targets,
                                     &options.l1_ratio, &given, to_int64, &options.penalty_count,
                                     &options.penalty_ratio, &intercept, &standardize, &positive, &mode, &row_weights,
                                     &options.tolerance, to_int64, &options.max_iterations, to_int64, &options.folds,
                                     to_uint64, &options.seed, &row_folds, &callable))
        return NULL;
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    PyObject *y = X ? tensor_from(state, targets, NULL, NULL) : NULL;
    if (y && tensor_or_none(state, row_weights, &weights) == 0 && tensor_or_none(state, row_folds, &folds) == 0 &&
        numbers_from(state, given, &penalties, &options.penalty_count) == 0) {
        Watcher watcher = {callable == Py_None ? NULL : callable, 0};
        options.penalties = penalties;
        options.intercept = intercept;
        options.standardize = standardize;
        options.positive = positive;
        options.mode = (tw_elastic_net_mode)mode;
        options.weights = weights ? TENSOR(weights) : NULL;
        options.fold_of_row = folds ? TENSOR(folds) : NULL;
        options.callback = path_callback;
        options.context = &watcher;
        tw_elastic_net_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_elastic_net(TENSOR(X), TENSOR(y), &options, &handle))
        if (check(state, status) == 0) result = result_wrap(state, handle);
        else tw_elastic_net_result_free(handle);
    }
    PyMem_Free(penalties);
    Py_XDECREF(X);
    Py_XDECREF(y);
    Py_XDECREF(weights);
    Py_XDECREF(folds);
    return result;
}

static PyObject *ridge_path(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X",         "y",           "penalties", "penalty_count", "penalty_ratio",
                            "intercept", "standardize", "weights",   "criterion",     "folds",
                            "seed",      "fold_of_row", NULL};
    State *state = module_state(module);
    tw_ridge_options options = TW_RIDGE_OPTIONS_INIT;
    PyObject *rows, *targets, *given = Py_None, *row_weights = Py_None, *row_folds = Py_None;
    PyObject *weights = NULL, *folds = NULL, *result = NULL;
    int intercept = 1, standardize = 0, criterion = 0;
    double *penalties = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$OO&dppOiO&O&O:ridge_path", names, &rows, &targets, &given,
                                     to_int64, &options.penalty_count, &options.penalty_ratio, &intercept, &standardize,
                                     &row_weights, &criterion, to_int64, &options.folds, to_uint64, &options.seed,
                                     &row_folds))
        return NULL;
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    PyObject *y = X ? tensor_from(state, targets, NULL, NULL) : NULL;
    if (y && tensor_or_none(state, row_weights, &weights) == 0 && tensor_or_none(state, row_folds, &folds) == 0 &&
        numbers_from(state, given, &penalties, &options.penalty_count) == 0) {
        options.penalties = penalties;
        options.intercept = intercept;
        options.standardize = standardize;
        options.weights = weights ? TENSOR(weights) : NULL;
        options.criterion = (tw_ridge_criterion)criterion;
        options.fold_of_row = folds ? TENSOR(folds) : NULL;
        tw_elastic_net_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_ridge_path(TENSOR(X), TENSOR(y), &options, &handle))
        if (check(state, status) == 0) result = result_wrap(state, handle);
        else tw_elastic_net_result_free(handle);
    }
    PyMem_Free(penalties);
    Py_XDECREF(X);
    Py_XDECREF(y);
    Py_XDECREF(weights);
    Py_XDECREF(folds);
    return result;
}

static void result_dealloc(PyObject *self) {
    tw_elastic_net_result_free(RESULT(self));
    object_free(self);
}

#define TENSOR_GETTER(name) \
    static PyObject *get_##name(PyObject *self, void *unused) { \
        (void)unused; \
        return tensor_wrap(object_state(self), tw_elastic_net_result_##name(NULL, RESULT(self))); \
    }
TENSOR_GETTER(coefficients)
TENSOR_GETTER(intercepts)
TENSOR_GETTER(penalties)
TENSOR_GETTER(gaps)
TENSOR_GETTER(iterations)
TENSOR_GETTER(r_squared)
TENSOR_GETTER(errors)
TENSOR_GETTER(error_standard_errors)

#define NUMBER_GETTER(name, type, make) \
    static PyObject *get_##name(PyObject *self, void *unused) { \
        (void)unused; \
        type value; \
        if (check(object_state(self), tw_elastic_net_result_##name(RESULT(self), &value)) < 0) return NULL; \
        return make(value); \
    }
NUMBER_GETTER(best, int64_t, PyLong_FromLongLong)
NUMBER_GETTER(best_within_error, int64_t, PyLong_FromLongLong)
NUMBER_GETTER(stop_reason, tw_stop_reason, PyLong_FromLong)

static PyObject *result_predict(PyObject *self, PyObject *args) {
    State *state = object_state(self);
    PyObject *rows;
    int64_t index;
    if (!PyArg_ParseTuple(args, "OO&:predict", &rows, to_int64, &index)) return NULL;
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    if (!X) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_elastic_net_result_predict(NULL, RESULT(self), TENSOR(X), index))
    Py_DECREF(X);
    return tensor_wrap(state, handle);
}

static PyGetSetDef getset[] = {
    {"coefficients", get_coefficients, NULL, NULL, NULL},
    {"intercepts", get_intercepts, NULL, NULL, NULL},
    {"penalties", get_penalties, NULL, NULL, NULL},
    {"gaps", get_gaps, NULL, NULL, NULL},
    {"iterations", get_iterations, NULL, NULL, NULL},
    {"r_squared", get_r_squared, NULL, NULL, NULL},
    {"errors", get_errors, NULL, NULL, NULL},
    {"error_standard_errors", get_error_standard_errors, NULL, NULL, NULL},
    {"best", get_best, NULL, NULL, NULL},
    {"best_within_error", get_best_within_error, NULL, NULL, NULL},
    {"stop_reason", get_stop_reason, NULL, NULL, NULL},
    {0},
};

static PyMethodDef methods[] = {
    {"predict", result_predict, METH_VARARGS,
     "predict($self, X, index, /)\n--\n\nX b + c of one penalty for new rows."},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The engine's path, under talweg.ElasticNetResult."},
    {Py_tp_dealloc, result_dealloc},
    {Py_tp_getset, getset},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.ElasticNetFit", sizeof(ResultObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

int elastic_net_result_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->elastic_net_result_type);
}

PyMethodDef elastic_net_functions[] = {
    {"elastic_net", METHOD_KEYWORDS(elastic_net),
     "elastic_net(X, y, *, l1_ratio=1.0, penalties=None, penalty_count=100, penalty_ratio=0.001, intercept=True, "
     "standardize=False, positive=False, mode=0, weights=None, tolerance=1e-07, max_iterations=10000, folds=0, "
     "seed=0, fold_of_row=None, callback=None)\n--\n\n"
     "As talweg.elastic_net, with the mode by its number; the callback gets index, count,\n"
     "penalty, nonzeros and gap."},
    {"ridge_path", METHOD_KEYWORDS(ridge_path),
     "ridge_path(X, y, *, penalties=None, penalty_count=100, penalty_ratio=1e-08, intercept=True, standardize=False, "
     "weights=None, criterion=0, folds=5, seed=0, fold_of_row=None)\n--\n\n"
     "As talweg.ridge_path, with the criterion by its number."},
    {0},
};
