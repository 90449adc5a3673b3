/* Linear algebra: linalg.h. The names and defaults of the array API are given in talweg/linalg.py. */
#include "talweg_python.h"

/* Gives the result of `call` on the tensor `x` of `object`, with the interpreter released. */
#define ON_MATRIX(state, object, call) \
    PyObject *input = tensor_from(state, object, NULL, NULL); \
    if (!input) return NULL; \
    const tw_tensor *x = TENSOR(input); \
    tw_tensor *handle; \
    UNLOCKED(handle = call) \
    Py_DECREF(input);

static PyObject *linalg_cholesky(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object;
    int upper;
    if (!PyArg_ParseTuple(args, "Op", &object, &upper)) return NULL;
    ON_MATRIX(state, object, tw_cholesky(NULL, x, upper))
    return tensor_wrap(state, handle);
}

/* A result and what came through a pointer beside it, as a tuple. */
static PyObject *two(State *state, tw_tensor *first, tw_tensor *second) {
    PyObject *result = tensor_wrap(state, first);
    return result ? Py_BuildValue("NN", result, tensor_wrap(state, second)) : NULL;
}

static PyObject *linalg_qr(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object;
    int complete;
    tw_tensor *r = NULL;
    if (!PyArg_ParseTuple(args, "Op", &object, &complete)) return NULL;
    ON_MATRIX(state, object, tw_qr(NULL, x, complete, &r))
    return two(state, handle, r);
}

static PyObject *linalg_qr_pivoted(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object;
    int complete;
    tw_tensor *r = NULL, *order = NULL;
    if (!PyArg_ParseTuple(args, "Op", &object, &complete)) return NULL;
    ON_MATRIX(state, object, tw_qr_pivoted(NULL, x, complete, &r, &order))
    PyObject *q = tensor_wrap(state, handle);
    return q ? Py_BuildValue("NNN", q, tensor_wrap(state, r), tensor_wrap(state, order)) : NULL;
}

static PyObject *linalg_lu(PyObject *module, PyObject *object) {
    State *state = module_state(module);
    tw_tensor *pivots = NULL;
    ON_MATRIX(state, object, tw_lu(NULL, x, &pivots))
    return two(state, handle, pivots);
}

static PyObject *linalg_solve(PyObject *module, PyObject *args) {
    PyObject *a, *b;
    if (!PyArg_ParseTuple(args, "OO", &a, &b)) return NULL;
    return binary(module_state(module), a, b, tw_solve, NULL);
}

static PyObject *linalg_solve_triangular(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *first, *second;
    int upper, transposed, unit_diagonal;
    if (!PyArg_ParseTuple(args, "OOppp", &first, &second, &upper, &transposed, &unit_diagonal)) return NULL;
    PyObject *a = tensor_from(state, first, NULL, NULL);
    PyObject *b = a ? tensor_from(state, second, NULL, NULL) : NULL;
    PyObject *result = NULL;
    if (b) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_solve_triangular(NULL, TENSOR(a), TENSOR(b), upper, transposed, unit_diagonal))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(b);
    Py_XDECREF(a);
    return result;
}

static PyObject *linalg_inv(PyObject *module, PyObject *object) {
    return unary(module_state(module), object, tw_inv);
}

static PyObject *linalg_det(PyObject *module, PyObject *object) {
    return unary(module_state(module), object, tw_det);
}

static PyObject *linalg_slogdet(PyObject *module, PyObject *object) {
    State *state = module_state(module);
    tw_tensor *log_magnitude = NULL;
    ON_MATRIX(state, object, tw_slogdet(NULL, x, &log_magnitude))
    return two(state, handle, log_magnitude);
}

static PyObject *linalg_matrix_power(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object;
    int64_t n;
    if (!PyArg_ParseTuple(args, "OO&", &object, to_int64, &n)) return NULL;
    ON_MATRIX(state, object, tw_matrix_power(NULL, x, n))
    return tensor_wrap(state, handle);
}

PyMethodDef linalg_functions[] = {
    {"_cholesky", linalg_cholesky, METH_VARARGS, NULL},
    {"_qr", linalg_qr, METH_VARARGS, NULL},
    {"_qr_pivoted", linalg_qr_pivoted, METH_VARARGS, NULL},
    {"_lu", linalg_lu, METH_O, NULL},
    {"_solve", linalg_solve, METH_VARARGS, NULL},
    {"_solve_triangular", linalg_solve_triangular, METH_VARARGS, NULL},
    {"_inv", linalg_inv, METH_O, NULL},
    {"_det", linalg_det, METH_O, NULL},
    {"_slogdet", linalg_slogdet, METH_O, NULL},
    {"_matrix_power", linalg_matrix_power, METH_VARARGS, NULL},
    {0},
};
