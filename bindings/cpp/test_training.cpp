// Fits with functions of the caller's, checkpoints, histories and event files.
#include "test.hpp"

#include <cstdio>
#include <filesystem>

struct Task {
    Tensor x = linspace(-1, 1, 24).reshape({24, 1}), y = x * x;
    Module network = made();
    Optimizer optimizer = Adam();

    Task() { optimizer.add(network); }
    static Module made() {
        Generator generator(2);
        tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
        linear.dtype = TW_FLOAT64;
        linear.generator = generator.get();
        return Sequential({Linear(1, 4, linear), Tanh(), Dropout(0.1, 3), Linear(4, 1, linear)});
    }
    std::vector<double> weights() const { return network.parameter("0.weight").to_vector(); }
};

static void functions_of_the_caller() {
    Task own, built_in;
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    options.epochs = 3;
    options.record_steps = 1;
    int64_t events = 0;
    FitFunctions functions;
    functions.loss = [](const Tensor &output, const Tensor &target) { return mse_loss(output, target); };
    functions.on_event = [&](const tw_fit_event &event) { return ++events, event.step < 0; };
    History history = fit(own.network, own.optimizer, own.x, own.y, options, functions);
    fit(built_in.network, built_in.optimizer, built_in.x, built_in.y, options);
    EXPECT(own.weights() == built_in.weights());
    EXPECT(events == 2 + 3 * 4 && history.steps() == 3 && history.failed_checkpoints() == 0);
    EXPECT(history.step_value(TW_METRIC_STEPS, 2) == 3 && history.metric_names().empty());
    EXPECT(throws(TW_ERROR_INDEX, [&] { history.metric(0, 0); }));
    functions.on_event = [](const tw_fit_event &event) { return event.step == 2; };
    EXPECT(fit(own.network, own.optimizer, own.x, own.y, options, functions).stop() == TW_FIT_STOP_CANCELLED);
    functions.on_event = [](const tw_fit_event &) -> bool { throw std::domain_error("no"); };
    EXPECT(throws_own<std::domain_error>([&] { fit(own.network, own.optimizer, own.x, own.y, options, functions); }));
    functions.on_event = nullptr;
    functions.loss = [](const Tensor &, const Tensor &) -> Tensor { throw std::range_error("no"); };
    EXPECT(throws_own<std::range_error>([&] { fit(own.network, own.optimizer, own.x, own.y, options, functions); }));
    const std::string path = "/tmp/talweg-cpp-history.csv";
    history.save(path);
    history.save_steps(path);
    EXPECT(std::remove(path.c_str()) == 0);
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { history.save("/tmp/talweg-cpp-history"); }));
}

static void checkpoints() {
    const std::string folder = "/tmp/talweg-cpp-checkpoints", path = folder + "/own.safetensors";
    std::filesystem::remove_all(folder);
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    Task whole, part, rest;
    options.epochs = 4;
    fit(whole.network, whole.optimizer, whole.x, whole.y, options);
    options.checkpoint_folder = folder.c_str();
    options.epochs = 2;
    fit(part.network, part.optimizer, part.x, part.y, options);
    options.epochs = 4;
    options.resume = folder.c_str();
    fit(rest.network, rest.optimizer, rest.x, rest.y, options);
    EXPECT(rest.weights() == whole.weights());
    EXPECT(newest_checkpoint(folder) == folder + "/step-000000000004.safetensors");
    tw_checkpoint_options parts = TW_CHECKPOINT_OPTIONS_INIT;
    parts.optimizer = rest.optimizer.get();
    save_checkpoint(path, rest.network, parts, {1.5, 2});
    parts.optimizer = part.optimizer.get();
    EXPECT(load_checkpoint(path, part.network, parts) == (std::vector<double>{1.5, 2}));
    EXPECT(part.weights() == whole.weights());
    EXPECT(throws(TW_ERROR_INVALID_ARGUMENT, [&] { load_checkpoint(path, ReLU()); }));
    std::filesystem::remove_all(folder);
}

static void event_files() {
    const std::string folder = "/tmp/talweg-cpp-events";
    EventWriter writer(folder);
    writer.add_scalar("loss", 1, 0);
    writer.add_histogram("x", Tensor{1, 2, 3}, 0);
    writer.flush();
    EXPECT(std::filesystem::file_size(writer.path()) > 100);
    writer.close();
    EXPECT(throws(TW_ERROR_STATE, [&] { writer.add_scalar("loss", 1, 0); }));
    std::filesystem::remove_all(folder);
}

void test_training() {
    functions_of_the_caller();
    checkpoints();
    event_files();
}
