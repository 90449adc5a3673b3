// swift-tools-version: 6.2
import PackageDescription

let programs = ["CurveFit", "LineAndNetwork"]

let package = Package(
    name: "example",
    dependencies: [.package(name: "talweg", path: "../..")],
    targets: programs.map {
        .executableTarget(name: $0, dependencies: [.product(name: "Talweg", package: "talweg")])
    }
)
