/* The native half of talweg.optim: one type, made by one of the _init methods. */
#include "talweg_python.h"

static PyObject *adopt(PyObject *self, tw_status status, tw_optimizer *handle) {
    if (check(object_state(self), status) < 0) return NULL;
    tw_optimizer_free(OPTIMIZER(self));
    OPTIMIZER(self) = handle;
    Py_RETURN_NONE;
}

static PyObject *init_sgd(PyObject *self, PyObject *args) {
    tw_sgd_options options = TW_SGD_OPTIONS_INIT;
    int nesterov;
    if (!PyArg_ParseTuple(args, "ddpdd", &options.learning_rate, &options.momentum, &nesterov, &options.weight_decay,
                          &options.max_norm))
        return NULL;
    options.nesterov = nesterov;
    tw_optimizer *handle = NULL;
    tw_status status = tw_sgd_new(&options, &handle);
    return adopt(self, status, handle);
}

static PyObject *init_rmsprop(PyObject *self, PyObject *args) {
    tw_rmsprop_options options = TW_RMSPROP_OPTIONS_INIT;
    if (!PyArg_ParseTuple(args, "dddddd", &options.learning_rate, &options.alpha, &options.epsilon, &options.momentum,
                          &options.weight_decay, &options.max_norm))
        return NULL;
    tw_optimizer *handle = NULL;
    tw_status status = tw_rmsprop_new(&options, &handle);
    return adopt(self, status, handle);
}

static PyObject *init_adam_kind(PyObject *self, PyObject *args,
                                tw_status (*make)(const tw_adam_options *, tw_optimizer **)) {
    tw_adam_options options = TW_ADAM_OPTIONS_INIT;
    if (!PyArg_ParseTuple(args, "dddddd", &options.learning_rate, &options.beta1, &options.beta2, &options.epsilon,
                          &options.weight_decay, &options.max_norm))
        return NULL;
    tw_optimizer *handle = NULL;
    tw_status status = make(&options, &handle);
    return adopt(self, status, handle);
}

static PyObject *init_adam(PyObject *self, PyObject *args) {
    return init_adam_kind(self, args, tw_adam_new);
}

static PyObject *init_adamw(PyObject *self, PyObject *args) {
    return init_adam_kind(self, args, tw_adamw_new);
}

static PyObject *done(PyObject *self, tw_status status) {
    return check(object_state(self), status) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *add(PyObject *self, PyObject *object) {
    State *state = object_state(self);
    if (is_tensor(state, object)) return done(self, tw_optimizer_add(OPTIMIZER(self), TENSOR(object)));
    PyErr_Format(PyExc_TypeError, "an optimizer holds tensors that require a gradient, not %R", Py_TYPE(object));
    return NULL;
}

static PyObject *zero_grad(PyObject *self, PyObject *unused) {
    (void)unused;
    return done(self, tw_optimizer_zero_grad(OPTIMIZER(self)));
}

static PyObject *step(PyObject *self, PyObject *unused) {
    (void)unused;
    tw_status status;
    UNLOCKED(status = tw_optimizer_step(OPTIMIZER(self)))
    return done(self, status);
}

static PyObject *get_lr(PyObject *self, void *unused) {
    (void)unused;
    double rate;
    if (check(object_state(self), tw_optimizer_learning_rate(OPTIMIZER(self), &rate)) < 0) return NULL;
    return PyFloat_FromDouble(rate);
}

static int set_lr(PyObject *self, PyObject *value, void *unused) {
    (void)unused;
    double rate = value ? PyFloat_AsDouble(value) : -1;
    if (PyErr_Occurred()) return -1;
    return check(object_state(self), tw_optimizer_set_learning_rate(OPTIMIZER(self), rate));
}

static void optimizer_dealloc(PyObject *self) {
    tw_optimizer_free(OPTIMIZER(self));
    object_free(self);
}

static PyGetSetDef getset[] = {
    {"lr", get_lr, set_lr, "The learning rate, settable.", NULL},
    {0},
};

static PyMethodDef methods[] = {
    {"_init_sgd", init_sgd, METH_VARARGS, NULL},
    {"_init_rmsprop", init_rmsprop, METH_VARARGS, NULL},
    {"_init_adam", init_adam, METH_VARARGS, NULL},
    {"_init_adamw", init_adamw, METH_VARARGS, NULL},
    {"_add", add, METH_O, NULL},
    {"zero_grad", zero_grad, METH_NOARGS, "zero_grad($self, /)\n--\n\nClears the gradients of its parameters."},
    {"step", step, METH_NOARGS, "step($self, /)\n--\n\nChanges each parameter that has a gradient."},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Holds parameters and changes them by their gradients; see its subclasses."},
    {Py_tp_dealloc, optimizer_dealloc},
    {Py_tp_getset, getset},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.Optimizer", sizeof(OptimizerObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

int optimizer_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->optimizer_type);
}
