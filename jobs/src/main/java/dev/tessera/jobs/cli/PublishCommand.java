package dev.tessera.jobs.cli;

import dev.tessera.jobs.MapRelease;
import dev.tessera.jobs.Settings;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A copy of the map that stays as it is. */
@Command(
    name = "publish",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Copies the workspace's map into a folder of its own that never changes, and points",
      "latest.json to it. Prints the URI of the copy's manifest. Check the map first."
    })
public final class PublishCommand implements Callable<Integer> {
  @Option(
      names = "--workspace",
      required = true,
      paramLabel = "URI",
      description = "Workspace with the map.")
  private String workspace;

  @Option(
      names = "--releases",
      paramLabel = "URI",
      description = "Folder of all releases; default: releases in the workspace.")
  private String releases;

  @Mixin private SettingsOptions named;

  @Mixin private MasterOption master;

  @Option(
      names = "--run-name",
      paramLabel = "NAME",
      description = "Name that a scheduler has for the run that this is a part of.")
  private String runName;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    return MapRelease.execute(
        named.on(Settings.defaults()),
        new MapRelease.Request(workspace, releases, master.url, runName),
        spec.commandLine().getOut());
  }
}
