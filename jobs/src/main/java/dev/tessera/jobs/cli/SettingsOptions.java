package dev.tessera.jobs.cli;

import dev.tessera.jobs.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Where settings come from, weakest first: a file, then single ones. */
final class SettingsOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "HOCON file with settings; conf/defaults.conf lists them all.")
  private Path config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting, stronger than --config; may be repeated.")
  private List<String> overrides = new ArrayList<>();

  /** These settings with what the user named on top. */
  Settings on(Settings weaker) {
    Settings settings = config == null ? weaker : weaker.withFile(config);
    for (String override : overrides) {
      settings = settings.withOverride(override);
    }
    return settings;
  }

  /** The settings with the place of a checkpoint, which later commands find from any folder. */
  static Settings withWeights(Settings settings, String weights) {
    return weights == null
        ? settings
        : settings.withOverride("network.weights=" + Path.of(weights).toAbsolutePath());
  }
}
