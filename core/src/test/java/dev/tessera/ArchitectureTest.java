package dev.tessera;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The packages of core stand in pipeline order and each knows only those before it. */
class ArchitectureTest {
  private static final List<String> PIPELINE =
      List.of(
          "geometry",
          "geodesy",
          "imagery",
          "partition",
          "tensor",
          "ttt",
          "backbone",
          "sfm",
          "landmarks",
          "reconstruct",
          "merge",
          "map",
          "localize",
          "evaluate",
          "synthetic");

  private final JavaClasses core =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.tessera");

  @Test
  void coreKnowsNoSpark() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..")
        .check(core);
  }

  @Test
  void aPackageKnowsOnlyThoseBeforeIt() {
    for (int i = 0; i < PIPELINE.size() - 1; i++) {
      String[] later =
          PIPELINE.subList(i + 1, PIPELINE.size()).stream()
              .map(name -> "dev.tessera." + name + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("dev.tessera." + PIPELINE.get(i) + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(later)
          .allowEmptyShould(true)
          .check(core);
    }
  }
}
