/* Losses and penalties. */
#include "talweg_python.h"

static PyObject *loss(PyObject *module, PyObject *args, BinaryOp op) {
    State *state = module_state(module);
    PyObject *prediction, *target, *result = NULL;
    if (!PyArg_UnpackTuple(args, "loss", 2, 2, &prediction, &target)) return NULL;
    PyObject *x = tensor_from(state, prediction, NULL, NULL);
    PyObject *y = x ? tensor_from(state, target, NULL, NULL) : NULL;
    if (y) {
        tw_tensor *handle;
        UNLOCKED(handle = op(NULL, TENSOR(x), TENSOR(y)))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(x);
    Py_XDECREF(y);
    return result;
}

static PyObject *mse_loss(PyObject *module, PyObject *args) {
    return loss(module, args, tw_mse_loss);
}

static PyObject *cross_entropy_loss(PyObject *module, PyObject *args) {
    return loss(module, args, tw_cross_entropy_loss);
}

static PyObject *penalty(PyObject *module, PyObject *object, tw_tensor *(*op)(tw_scope *, const tw_module *)) {
    State *state = module_state(module);
    if (!PyObject_TypeCheck(object, state->module_type)) {
        PyErr_Format(PyExc_TypeError, "a penalty is of a talweg.nn.Module, not %R", Py_TYPE(object));
        return NULL;
    }
    tw_tensor *handle;
    UNLOCKED(handle = op(NULL, MODULE(object)))
    return tensor_wrap(state, handle);
}

static PyObject *l1_penalty(PyObject *module, PyObject *object) {
    return penalty(module, object, tw_l1_penalty);
}

static PyObject *l2_penalty(PyObject *module, PyObject *object) {
    return penalty(module, object, tw_l2_penalty);
}

PyMethodDef loss_functions[] = {
    {"mse_loss", mse_loss, METH_VARARGS,
     "mse_loss(prediction, target, /)\n--\n\nmean((prediction - target)^2), one element; the shapes must agree exactly."},
    {"cross_entropy_loss", cross_entropy_loss, METH_VARARGS,
     "cross_entropy_loss(logits, labels, /)\n--\n\nThe mean over rows of -log softmax(logits)[label]. logits [n, classes], labels [n]\n"
     "integers in 0 ... classes - 1; others are IndexError."},
    {"l1_penalty", l1_penalty, METH_O,
     "l1_penalty(module, /)\n--\n\nsum |p| over the parameters named 'weight' (biases are left alone)."},
    {"l2_penalty", l2_penalty, METH_O,
     "l2_penalty(module, /)\n--\n\nsum p^2 over the parameters named 'weight' (biases are left alone)."},
    {0},
};
