package dev.tessera.jobs.cli;

import picocli.CommandLine.Command;

/** Tools for people with a checkpoint of a neural network. */
@Command(
    name = "model",
    mixinStandardHelpOptions = true,
    description = "Looks into a checkpoint of VGGT or VGG-T3, or runs it on prepared images.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ModelInfoCommand.class, ModelRunCommand.class, ModelRandomCommand.class})
public final class ModelCommand {}
