/* talweg.total_least_squares: the call and its result. */
#include "talweg_python.h"

typedef struct {
    PyObject_HEAD
    tw_total_result *handle;
} ResultObject;

#define RESULT(object) (((ResultObject *)(object))->handle)

static PyObject *total_least_squares(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X", "y", "intercept", "exact_columns", "weights", "rank_tolerance", NULL};
    State *state = module_state(module);
    tw_total_options options = TW_TOTAL_OPTIONS_INIT;
    PyObject *rows, *targets, *row_weights = Py_None, *weights = NULL, *result = NULL;
    int intercept = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$pO&Od:total_least_squares", names, &rows, &targets, &intercept,
                                     to_int64, &options.exact_columns, &row_weights, &options.rank_tolerance))
        return NULL;
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    PyObject *y = X ? tensor_from(state, targets, NULL, NULL) : NULL;
    if (y && tensor_or_none(state, row_weights, &weights) == 0) {
        options.intercept = intercept;
        options.weights = weights ? TENSOR(weights) : NULL;
        tw_total_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_total_least_squares(TENSOR(X), TENSOR(y), &options, &handle))
        ResultObject *self = NULL;
        if (check(state, status) == 0) self = PyObject_New(ResultObject, state->total_result_type);
        if (self) self->handle = handle;
        else tw_total_result_free(handle);
        result = (PyObject *)self;
    }
    Py_XDECREF(X);
    Py_XDECREF(y);
    Py_XDECREF(weights);
    return result;
}

static void result_dealloc(PyObject *self) {
    tw_total_result_free(RESULT(self));
    object_free(self);
}

#define TENSOR_GETTER(name) \
    static PyObject *get_##name(PyObject *self, void *unused) { \
        (void)unused; \
        return tensor_wrap(object_state(self), tw_total_result_##name(NULL, RESULT(self))); \
    }
TENSOR_GETTER(coefficients)
TENSOR_GETTER(intercept)
TENSOR_GETTER(singular_values)

#define NUMBER_GETTER(name, type, make) \
    static PyObject *get_##name(PyObject *self, void *unused) { \
        (void)unused; \
        type value; \
        if (check(object_state(self), tw_total_result_##name(RESULT(self), &value)) < 0) return NULL; \
        return make(value); \
    }
NUMBER_GETTER(correction_norm, double, PyFloat_FromDouble)
NUMBER_GETTER(rank, int64_t, PyLong_FromLongLong)

static PyObject *result_predict(PyObject *self, PyObject *rows) {
    State *state = object_state(self);
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    if (!X) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_total_result_predict(NULL, RESULT(self), TENSOR(X)))
    Py_DECREF(X);
    return tensor_wrap(state, handle);
}

static PyGetSetDef getset[] = {
    {"coefficients", get_coefficients, NULL, NULL, NULL},
    {"intercept", get_intercept, NULL, NULL, NULL},
    {"singular_values", get_singular_values, NULL, NULL, NULL},
    {"correction_norm", get_correction_norm, NULL, NULL, NULL},
    {"rank", get_rank, NULL, NULL, NULL},
    {0},
};

static PyMethodDef methods[] = {
    {"predict", result_predict, METH_O, "predict($self, X, /)\n--\n\nX b + c for new rows."},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The engine's fit, under talweg.TotalResult."},
    {Py_tp_dealloc, result_dealloc},
    {Py_tp_getset, getset},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.TotalFit", sizeof(ResultObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

int total_result_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->total_result_type);
}

PyMethodDef total_functions[] = {
    {"total_least_squares", METHOD_KEYWORDS(total_least_squares),
     "total_least_squares(X, y, *, intercept=True, exact_columns=0, weights=None, rank_tolerance=-1.0)\n--\n\n"
     "As talweg.total_least_squares."},
    {0},
};
