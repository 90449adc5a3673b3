/* A module whose forward pass is the Python object's method `forward`. The
   engine holds the object weakly: the object owns its handle, so there is no
   cycle. */
#include "talweg_python.h"

/* The object's forward, called with the input; NULL with an exception. */
static PyObject *call_forward(PyObject *weak, tw_tensor *input) {
    PyObject *self = PyWeakref_GetObject(weak);
    if (!self) return NULL;
    if (self == Py_None) {
        PyErr_SetString(PyExc_ReferenceError, "the Python object of this module is gone");
        return NULL;
    }
    Py_INCREF(self);
    /* The object owns its input from here on; the scope would release it under it. */
    PyObject *x = tensor_wrap(object_state(self), tw_keep(input));
    PyObject *result = x ? PyObject_CallMethod(self, "forward", "O", x) : NULL;
    if (result && !is_tensor(object_state(self), result)) {
        PyErr_Format(PyExc_TypeError, "%R.forward gave %R, not a Tensor", Py_TYPE(self), Py_TYPE(result));
        Py_CLEAR(result);
    }
    Py_XDECREF(x);
    Py_DECREF(self);
    return result;
}

tw_tensor *tensor_hand_over(tw_scope *scope, PyObject *tensor) {
    int64_t rank, shape[TW_MAX_RANK];
    if (tw_tensor_rank(TENSOR(tensor), &rank) != TW_OK ||
        tw_tensor_shape(TENSOR(tensor), shape, TW_MAX_RANK) != TW_OK)
        return NULL;
    return tw_reshape(scope, TENSOR(tensor), shape, rank);
}

/* An exception stays set: the call that began it all, on this thread, raises it. */
static int forward(void *context, tw_scope *scope, tw_tensor *input, tw_tensor **output) {
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *result = PyErr_Occurred() ? NULL : call_forward(context, input);
    *output = result ? tensor_hand_over(scope, result) : NULL;
    Py_XDECREF(result);
    PyGILState_Release(lock);
    return *output ? 0 : 1;
}

static void destroy(void *context) {
    if (!Py_IsInitialized()) return;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    Py_DECREF((PyObject *)context);
    PyErr_Restore(type, value, traceback);
    PyGILState_Release(lock);
}

tw_status callback_module_new(PyObject *self, tw_module **module) {
    PyObject *weak = PyWeakref_NewRef(self, NULL);
    if (!weak) return TW_ERROR_OUT_OF_MEMORY;
    tw_status status = tw_callback_module_new(forward, weak, destroy, module);
    if (status != TW_OK) Py_DECREF(weak);
    return status;
}
