/* Large least squares by products with the matrix alone, under talweg.lsqr. */
#include "talweg_python.h"

typedef struct {
    State *state;
    /* Write A x and A' y: callables of the bytes of both. NULL for a sparse matrix. */
    PyObject *multiply, *transposed;
    int64_t rows, columns;
    PyObject *callback;
    double last_look;
} Solve;

static int product(PyObject *callable, const double *from, int64_t count, double *to, int64_t made) {
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = NULL;
    if (!PyErr_Occurred()) {
        PyObject *given = PyMemoryView_FromMemory((char *)from, (Py_ssize_t)(count * 8), PyBUF_READ);
        PyObject *written = PyMemoryView_FromMemory((char *)to, (Py_ssize_t)(made * 8), PyBUF_WRITE);
        if (given && written) answer = PyObject_CallFunctionObjArgs(callable, given, written, NULL);
        Py_XDECREF(given);
        Py_XDECREF(written);
    }
    int code = answer ? 0 : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return code;
}

static int forward(void *context, const double *x, double *y) {
    Solve *solve = context;
    return product(solve->multiply, x, solve->columns, y, solve->rows);
}

static int backward(void *context, const double *y, double *x) {
    Solve *solve = context;
    return product(solve->transposed, y, solve->rows, x, solve->columns);
}

static int tell(void *context, int64_t iteration, double residual, double gradient) {
    Solve *solve = context;
    if (interrupted(&solve->last_look)) return 1;
    if (!solve->callback) return 0;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = PyErr_Occurred() ? NULL
                                        : PyObject_CallFunction(solve->callback, "Ldd", (long long)iteration, residual,
                                                                gradient);
    int stop = answer ? PyObject_IsTrue(answer) : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return stop != 0;
}

/* A buffer of contiguous 8-byte elements. */
static int buffer_of(PyObject *object, Py_buffer *view, int64_t count, const char *function, const char *name) {
    if (PyObject_GetBuffer(object, view, PyBUF_SIMPLE) < 0) return -1;
    if (view->len == (Py_ssize_t)(count * 8)) return 0;
    PyErr_Format(PyExc_ValueError, "%s: %s has %zd bytes, not %lld", function, name, view->len,
                 (long long)(count * 8));
    PyBuffer_Release(view);
    return -1;
}

int operator_from_csr(State *state, const char *function, PyObject *csr, tw_operator **matrix) {
    int64_t rows, columns;
    PyObject *parts[3];
    Py_buffer views[3];
    int taken = 0, failed = 0;
    if (!PyArg_ParseTuple(csr, "O&O&OOO", to_int64, &rows, to_int64, &columns, &parts[0], &parts[1], &parts[2]))
        return -1;
    Py_ssize_t count = PyObject_Length(parts[2]);
    if (count < 0) return -1;
    if (rows < 0 || rows > INT32_MAX) {
        PyErr_Format(PyExc_ValueError, "%s: %lld rows", function, (long long)rows);
        return -1;
    }
    const char *names[] = {"indptr", "indices", "data"};
    int64_t counts[] = {rows + 1, count, count};
    while (taken < 3 && !(failed = buffer_of(parts[taken], &views[taken], counts[taken], function, names[taken])))
        ++taken;
    const int64_t *offsets = failed ? NULL : views[0].buf;
    if (!failed && (rows < 1 || offsets[rows] != count)) {
        PyErr_Format(PyExc_ValueError, "%s: the last of indptr is not the number of elements", function);
        failed = -1;
    }
    if (!failed)
        failed = check(state, tw_operator_from_csr(rows, columns, offsets, views[1].buf, views[2].buf, matrix));
    while (taken > 0) PyBuffer_Release(&views[--taken]);
    return failed ? -1 : 0;
}

static PyObject *lsqr(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"rows", "columns", "b", "csr", "multiply", "transposed", "method", "damp", "atol", "btol",
                            "condition_limit", "max_iterations", "start", "callback", NULL};
    State *state = module_state(module);
    tw_iterative_options options = TW_ITERATIVE_OPTIONS_INIT;
    Solve solve = {.state = state};
    PyObject *right, *csr = Py_None, *multiply = Py_None, *transposed = Py_None, *first = Py_None, *told = Py_None;
    PyObject *b = NULL, *start = NULL, *result = NULL;
    int method = options.method;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&O&O|$OOOiddddO&OO:lsqr", names, to_int64, &solve.rows, to_int64,
                                     &solve.columns, &right, &csr, &multiply, &transposed, &method, &options.damp,
                                     &options.matrix_tolerance, &options.right_tolerance, &options.condition_limit,
                                     to_int64, &options.max_iterations, &first, &told))
        return NULL;
    tw_operator *matrix = NULL;
    if (csr != Py_None) {
        if (operator_from_csr(state, "lsqr", csr, &matrix) < 0) return NULL;
    } else {
        solve.multiply = multiply;
        solve.transposed = transposed;
        tw_status made =
            tw_operator_from_functions(solve.rows, solve.columns, forward, backward, &solve, NULL, &matrix);
        if (check(state, made) < 0) return NULL;
    }
    if ((b = tensor_from(state, right, NULL, NULL)) && tensor_or_none(state, first, &start) == 0) {
        tw_iterative_summary s = TW_ITERATIVE_SUMMARY_INIT;
        options.method = (tw_iterative_method)method;
        options.start = start ? TENSOR(start) : NULL;
        solve.callback = told == Py_None ? NULL : told;
        options.callback = tell;
        options.context = &solve;
        tw_tensor *x;
        UNLOCKED(x = tw_lsqr(NULL, matrix, TENSOR(b), &options, &s))
        PyObject *made = tensor_wrap(state, x);
        if (made && PyErr_Occurred()) Py_CLEAR(made);
        if (made)
            result = Py_BuildValue("NiLddddd", made, (int)s.stop, (long long)s.iterations, s.residual_norm,
                                   s.gradient_norm, s.matrix_norm, s.condition, s.solution_norm);
    }
    Py_XDECREF(b);
    Py_XDECREF(start);
    tw_operator_free(matrix);
    return result;
}

PyMethodDef sparse_functions[] = {
    {"lsqr", METHOD_KEYWORDS(lsqr),
     "lsqr(rows, columns, b, *, csr=None, multiply=None, transposed=None, method=0, damp=0.0, atol=1e-12,\n"
     "    btol=1e-12, condition_limit=0.0, max_iterations=0, start=None, callback=None)\n--\n\n"
     "As talweg.lsqr, of buffers (rows, columns, indptr, indices, data) of 8-byte elements, or of functions of the\n"
     "bytes of a vector and of its product. Gives (x, stop, iterations, |r|, |A'r|, |A|, condition, |x|)."},
    {0},
};
