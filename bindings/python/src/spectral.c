/* Eigenvalues, singular values and norms: spectral.h. The names of the array API are given in talweg/_spectral.py. */
#include "talweg_python.h"

/* (x, vectors): w, or (w, V). */
static PyObject *spectral_eigh(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object;
    int wanted;
    if (!PyArg_ParseTuple(args, "Op", &object, &wanted)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *values, *vectors = NULL;
    UNLOCKED(values = tw_eigh(NULL, TENSOR(x), wanted ? &vectors : NULL))
    Py_DECREF(x);
    PyObject *result = tensor_wrap(state, values);
    return result && wanted ? Py_BuildValue("NN", result, tensor_wrap(state, vectors)) : result;
}

/* (x, vectors, full_matrices): s, or (U, s, V'). */
static PyObject *spectral_svd(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object;
    int wanted, full;
    if (!PyArg_ParseTuple(args, "Opp", &object, &wanted, &full)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *values, *u = NULL, *vh = NULL;
    UNLOCKED(values = tw_svd(NULL, TENSOR(x), full, wanted ? &u : NULL, wanted ? &vh : NULL))
    Py_DECREF(x);
    PyObject *result = tensor_wrap(state, values);
    if (!result || !wanted) return result;
    return Py_BuildValue("NNN", tensor_wrap(state, u), result, tensor_wrap(state, vh));
}

/* (x, rtol or None), for a function of both. */
static PyObject *with_tolerance(
    PyObject *module, PyObject *args, tw_tensor *(*function)(tw_scope *, const tw_tensor *, const tw_tensor *)
) {
    State *state = module_state(module);
    PyObject *object, *share;
    if (!PyArg_ParseTuple(args, "OO", &object, &share)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    PyObject *rtol = x && share != Py_None ? tensor_from(state, share, NULL, NULL) : NULL;
    PyObject *result = NULL;
    if (x && (rtol || share == Py_None)) {
        tw_tensor *handle;
        UNLOCKED(handle = function(NULL, TENSOR(x), rtol ? TENSOR(rtol) : NULL))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(rtol);
    Py_XDECREF(x);
    return result;
}

static PyObject *spectral_pinv(PyObject *module, PyObject *args) { return with_tolerance(module, args, tw_pinv); }

static PyObject *spectral_matrix_rank(PyObject *module, PyObject *args) {
    return with_tolerance(module, args, tw_matrix_rank);
}

/* (x, kind, keepdims) */
static PyObject *spectral_matrix_norm(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object;
    int kind, keepdims;
    if (!PyArg_ParseTuple(args, "Oip", &object, &kind, &keepdims)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_matrix_norm(NULL, TENSOR(x), (tw_matrix_norm_kind)kind, keepdims))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

/* (x, axis, keepdims, ord) */
static PyObject *spectral_vector_norm(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object, *axis;
    int keepdims;
    double ord;
    Sizes sizes;
    const int64_t *axes;
    if (!PyArg_ParseTuple(args, "OOpd", &object, &axis, &keepdims, &ord) || axes_from(axis, &sizes, &axes) < 0)
        return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_vector_norm(NULL, TENSOR(x), axes, sizes.rank, keepdims, ord))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

PyMethodDef spectral_functions[] = {
    {"_eigh", spectral_eigh, METH_VARARGS, NULL},
    {"_svd", spectral_svd, METH_VARARGS, NULL},
    {"_pinv", spectral_pinv, METH_VARARGS, NULL},
    {"_matrix_rank", spectral_matrix_rank, METH_VARARGS, NULL},
    {"_matrix_norm", spectral_matrix_norm, METH_VARARGS, NULL},
    {"_vector_norm", spectral_vector_norm, METH_VARARGS, NULL},
    {0},
};
