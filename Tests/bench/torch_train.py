"""The training workloads in PyTorch: each is (model, loss of the model on its batch, optimizer)."""

import torch
from torch import nn
from torch.nn import functional as F


def floats(*shape):
    return torch.randn(*shape)


def integers(high, *shape):
    return torch.randint(0, high, shape)


class Block(nn.Module):
    """A ResNet's basic block (He et al., 2016)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity() if stride == 1 and inputs == outputs else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


def resnet18():
    layers = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    inputs = 64
    for outputs, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [Block(inputs, outputs, stride), Block(outputs, outputs, 1)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 5), nn.ReLU(), nn.Conv2d(32, 32, 5), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(576, 10))


class CharacterLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(100, 128)
        self.lstm = nn.LSTM(128, 256, batch_first=True)
        self.head = nn.Linear(256, 100)

    def forward(self, tokens):
        return self.head(self.lstm(self.embedding(tokens))[0])


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x, mask=None, causal=False):
        batch, length, width = x.shape
        q, k, v = (
            part.view(batch, length, self.heads, width // self.heads).transpose(1, 2)
            for part in self.qkv(x).split(width, dim=2))
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        return self.out(y.transpose(1, 2).reshape(batch, length, width))


class TransformerBlock(nn.Module):
    def __init__(self, width, heads, prenorm):
        super().__init__()
        self.prenorm = prenorm
        self.attention = Attention(width, heads)
        self.norm1 = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.norm2 = nn.LayerNorm(width)

    def feed(self, x):
        return self.down(F.gelu(self.up(x)))

    def forward(self, x, mask=None):
        if self.prenorm:
            x = x + self.attention(self.norm1(x), causal=True)
            return x + self.feed(self.norm2(x))
        x = self.norm1(x + self.attention(x, mask))
        return self.norm2(x + self.feed(x))


class GPT(nn.Module):
    """GPT-2's layout: learned positions, pre-norm, biases, the head tied to the embedding."""

    def __init__(self, layers, heads, width, context, vocabulary):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Parameter(0.02 * torch.randn(context, width))
        self.blocks = nn.ModuleList(TransformerBlock(width, heads, True) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions
        for block in self.blocks:
            x = block(x)
        return F.linear(self.norm(x), self.tokens.weight)


class BertTagger(nn.Module):
    def __init__(self, layers=6, heads=12, width=384, vocabulary=30522, positions=512, tags=9):
        super().__init__()
        self.words = nn.Embedding(vocabulary, width)
        self.positions = nn.Parameter(0.02 * torch.randn(positions, width))
        self.types = nn.Embedding(2, width)
        self.norm = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(TransformerBlock(width, heads, False) for _ in range(layers))
        self.head = nn.Linear(width, tags)

    def forward(self, tokens, types, mask):
        x = self.norm(self.words(tokens) + self.positions[: tokens.shape[1]] + self.types(types))
        for block in self.blocks:
            x = block(x, mask)
        return self.head(x)


def classifier(model, x, classes):
    labels = integers(classes, x.shape[0])
    return model, lambda m: F.cross_entropy(m(x), labels)


def regression(model, inputs, batch):
    x, y = floats(batch, inputs), floats(batch, 1)
    return model, lambda m: F.mse_loss(m(x), y)


def language(model, vocabulary, batch, length):
    tokens = integers(vocabulary, batch, length)
    labels = integers(vocabulary, batch * length)
    return model, lambda m: F.cross_entropy(m(tokens).view(-1, vocabulary), labels)


def tagging(model, batch=16, length=128):
    tokens, types = integers(30522, batch, length), torch.zeros(batch, length, dtype=torch.int64)
    real = torch.arange(length) < lengths(batch, length)[:, None]
    labels = torch.where(real, integers(9, batch, length), -100).view(-1)
    mask = real[:, None, None, :].expand(batch, 1, length, length)
    return model, lambda m: F.cross_entropy(m(tokens, types, mask).view(-1, 9), labels)


def in_mixed_precision(model, loss):
    def mixed(m):
        with torch.autocast("cpu", torch.bfloat16):
            return loss(m)

    return model, mixed


def lengths(batch, length):
    """The sentences of the padded batch: from half of the length to all of it."""
    return torch.tensor([length // 2 + (length // 2) * (i + 1) // batch for i in range(batch)])


MODELS = {
    "linreg": lambda: regression(nn.Linear(1, 1), 1, 4),
    "tabular": lambda: regression(
        nn.Sequential(nn.Linear(13, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)), 13, 32),
    "mlp": lambda: classifier(
        nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10)),
        floats(128, 784), 10),
    "cnn": lambda: classifier(cnn(), floats(64, 1, 28, 28), 10),
    "resnet18": lambda: classifier(resnet18(), floats(32, 3, 32, 32), 10),
    "lstm": lambda: language(CharacterLSTM(), 100, 32, 64),
    "nanogpt": lambda: language(GPT(4, 4, 128, 64, 65), 65, 12, 64),
    "gpt10m": lambda: language(GPT(6, 6, 384, 256, 65), 65, 16, 256),
    "bertner": lambda: tagging(BertTagger()),
    "bertner-bf16": lambda: in_mixed_precision(*tagging(BertTagger())),
}

OPTIMIZERS = {
    "linreg": lambda p: torch.optim.SGD(p, lr=0.01),
    "tabular": lambda p: torch.optim.Adam(p, fused=True),
    "mlp": lambda p: torch.optim.Adam(p, fused=True),
    "cnn": lambda p: torch.optim.Adam(p, fused=True),
    "resnet18": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, fused=True),
    "lstm": lambda p: torch.optim.Adam(p, fused=True),
    "nanogpt": lambda p: torch.optim.AdamW(p, fused=True),
    "gpt10m": lambda p: torch.optim.AdamW(p, fused=True),
    "bertner": lambda p: torch.optim.AdamW(p, fused=True),
    "bertner-bf16": lambda p: torch.optim.AdamW(p, fused=True),
}


def training_step(name, compiled):
    """The workload's step, and how many parameters it trains."""
    torch.manual_seed(0)
    model, loss = MODELS[name]()
    optimizer = OPTIMIZERS[name](model.parameters())
    objective = torch.compile(loss) if compiled else loss

    def step():
        optimizer.zero_grad(set_to_none=True)
        objective(model).backward()
        optimizer.step()

    return step, sum(p.numel() for p in model.parameters())
