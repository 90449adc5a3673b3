/* Einsum and other products, diagonals: products.h. */
#include "talweg_python.h"

static PyObject *function__einsum(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    const char *subscripts;
    PyObject *operands, *keep;
    tw_tensor **handles, *handle;
    Py_ssize_t count;
    if (!PyArg_ParseTuple(args, "sO", &subscripts, &operands) ||
        tensors_from(state, operands, &keep, &handles, &count) < 0)
        return NULL;
    UNLOCKED(handle = tw_einsum(NULL, subscripts, (const tw_tensor *const *)handles, count))
    PyMem_Free(handles);
    Py_DECREF(keep);
    return tensor_wrap(state, handle);
}

/* A call on two tensor-like objects, with the interpreter released. */
#define ON_TENSORS(state, first, second, call) \
    PyObject *x = tensor_from(state, first, NULL, NULL), *y = x ? tensor_from(state, second, NULL, NULL) : NULL; \
    PyObject *result = NULL; \
    if (y) { \
        const tw_tensor *a = TENSOR(x), *b = TENSOR(y); \
        tw_tensor *handle; \
        UNLOCKED(handle = call) \
        result = tensor_wrap(state, handle); \
    } \
    Py_XDECREF(x); \
    Py_XDECREF(y); \
    return result;

static PyObject *function_tensordot(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "", "axes", NULL};
    State *state = module_state(module);
    PyObject *first, *second, *axes = NULL, *pair;
    int64_t count = 2;
    Sizes left, right;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$O:tensordot", names, &first, &second, &axes)) return NULL;
    if (!axes || PyIndex_Check(axes)) {
        if (axes && int64_from(axes, "axes", &count) < 0) return NULL;
        ON_TENSORS(state, first, second, tw_tensordot(NULL, a, b, NULL, NULL, count))
    }
    if (!(pair = PySequence_Tuple(axes))) return NULL;
    int parsed = -1;
    if (PyTuple_Size(pair) != 2)
        PyErr_SetString(PyExc_ValueError, "tensordot: axes are a number, or those of x1 and those of x2");
    else if (sizes_from(PyTuple_GetItem(pair, 0), "axes", &left) == 0)
        parsed = sizes_from(PyTuple_GetItem(pair, 1), "axes", &right);
    Py_DECREF(pair);
    if (parsed < 0) return NULL;
    if (left.rank != right.rank) {
        PyErr_Format(PyExc_ValueError, "tensordot: %lld axes of x1 and %lld of x2", (long long)left.rank,
                     (long long)right.rank);
        return NULL;
    }
    ON_TENSORS(state, first, second, tw_tensordot(NULL, a, b, left.values, right.values, left.rank))
}

typedef tw_tensor *(*PairAxisOp)(tw_scope *, const tw_tensor *, const tw_tensor *, int64_t);

static PyObject *along_axis(PyObject *module, PyObject *args, PyObject *kwargs, PairAxisOp op) {
    static char *names[] = {"", "", "axis", NULL};
    State *state = module_state(module);
    PyObject *first, *second;
    int64_t axis = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$O&", names, &first, &second, to_int64, &axis)) return NULL;
    ON_TENSORS(state, first, second, op(NULL, a, b, axis))
}

static PyObject *function_vecdot(PyObject *module, PyObject *args, PyObject *kwargs) {
    return along_axis(module, args, kwargs, tw_vecdot);
}

static PyObject *function_cross(PyObject *module, PyObject *args, PyObject *kwargs) {
    return along_axis(module, args, kwargs, tw_cross);
}

static PyObject *of_two(PyObject *module, PyObject *args, BinaryOp op) {
    State *state = module_state(module);
    PyObject *first, *second;
    if (!PyArg_UnpackTuple(args, "op", 2, 2, &first, &second)) return NULL;
    ON_TENSORS(state, first, second, op(NULL, a, b))
}

static PyObject *function_outer(PyObject *module, PyObject *args) {
    return of_two(module, args, tw_outer);
}

static PyObject *function_kron(PyObject *module, PyObject *args) {
    return of_two(module, args, tw_kron);
}

static PyObject *function_diagonal(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "offset", "axis1", "axis2", NULL};
    State *state = module_state(module);
    PyObject *object;
    int64_t offset = 0, axis1 = 0, axis2 = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O&O&O&:diagonal", names, &object, to_int64, &offset, to_int64,
                                     &axis1, to_int64, &axis2))
        return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle = tw_diagonal(NULL, TENSOR(x), offset, axis1, axis2);
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

static PyObject *with_offset(PyObject *module, PyObject *args, PyObject *kwargs,
                             tw_tensor *(*op)(tw_scope *, const tw_tensor *, int64_t)) {
    static char *names[] = {"x", "offset", NULL};
    State *state = module_state(module);
    PyObject *object;
    int64_t offset = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O&", names, &object, to_int64, &offset)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = op(NULL, TENSOR(x), offset))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

static PyObject *function_diag_embed(PyObject *module, PyObject *args, PyObject *kwargs) {
    return with_offset(module, args, kwargs, tw_diag_embed);
}

static PyObject *function__trace(PyObject *module, PyObject *args, PyObject *kwargs) {
    return with_offset(module, args, kwargs, tw_trace);
}

PyMethodDef products_functions[] = {
    {"_einsum", function__einsum, METH_VARARGS, NULL},
    {"tensordot", METHOD_KEYWORDS(function_tensordot),
     "tensordot(x1, x2, /, *, axes=2)\n--\n\n"
     "Sums of products over the last `axes` axes of x1 and the first of x2, or over a pair of\n"
     "axes, those of x1 and those of x2: the other axes of x1, then those of x2."},
    {"vecdot", METHOD_KEYWORDS(function_vecdot),
     "vecdot(x1, x2, /, *, axis=-1)\n--\n\nSums of products along an axis; the other axes broadcast."},
    {"cross", METHOD_KEYWORDS(function_cross),
     "cross(x1, x2, /, *, axis=-1)\n--\n\nCross products along an axis of size 3; the other axes broadcast."},
    {"outer", function_outer, METH_VARARGS, "outer(x1, x2, /)\n--\n\nx1[i] * x2[j], of vectors [m] and [n]: [m, n]."},
    {"kron", function_kron, METH_VARARGS,
     "kron(x1, x2, /)\n--\n\nKronecker products: for each element of x1, in its place, all of x2 times it."},
    {"diagonal", METHOD_KEYWORDS(function_diagonal),
     "diagonal(x, offset=0, axis1=0, axis2=1)\n--\n\n"
     "The elements (i, i + offset) of two axes, which are dropped, as the last axis. Never copies."},
    {"diag_embed", METHOD_KEYWORDS(function_diag_embed),
     "diag_embed(x, offset=0)\n--\n\n"
     "Square matrices of zeros with the last axis of x at (i, i + offset)."},
    {"_trace", METHOD_KEYWORDS(function__trace), NULL},
    {0},
};
