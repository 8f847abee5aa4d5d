"""What slides 5 to 8 say of all families together: titles, facts and speaker notes."""

from __future__ import annotations

from app.deck.slide import Outline, Section
from models.data.captions.vocabulary import WORDS

SYNTHESIS: tuple[Outline, ...] = (
    Outline(
        5,
        "Head-to-Head Comparison",
        "Strengths and weaknesses",
        "Compare",
        "winner",
        "compare",
        (
            Section(
                "Who wins what",
                (
                    "Diffusion: quality, stability and control together.",
                    "GANs: speed, one pass.",
                    "Autoregressive: one architecture with text.",
                ),
            ),
            Section(
                "The hybrid future",
                (
                    "VAE + diffusion = latent diffusion.",
                    "GAN + diffusion = few-step distillation, 1–4 steps: adversarial, or by "
                    "self-consistency as in consistency models.",
                    "Flow + diffusion = flow matching (Flux, SD3): learned paths instead of a "
                    "noise schedule.",
                    "Autoregressive + diffusion = coarse structure or keyframes, then detail.",
                ),
            ),
        ),
        "The winner is a hybrid. Who knows all the families understands modern systems.",
        (
            "Press Play: one family after the other reaches its time on the clock; J and L bring "
            "each to the front. The times are of this moment and server; the table's were measured "
            "beforehand, each model alone. Compare the order.",
            "Ask for votes on the sharpest and the most varied grid before showing the table.",
            "FD is a Fréchet distance in the features of our own judge network: smaller is closer "
            "to real faces. It is not a published FID.",
            "Press a value for the command behind it; press a heading to sort. Where we differ "
            "says which of the chapter's claims do not hold at this size: ask why.",
        ),
    ),
    Outline(
        6,
        "The Historical Arc",
        "From VAEs to modern hybrids",
        "Winner",
        "winner",
        "timeline",
        (
            Section(
                "The pattern",
                (
                    "VAEs gave the learned latent space, GANs photorealism.",
                    "Flows gave exact likelihood, diffusion stability with quality and control.",
                    "Latent diffusion married compression and generation.",
                    "Flow matching straightened the paths.",
                ),
            ),
        ),
        "None was wrong: the latent space, the sharpness, the elegance and the stability live on "
        "together.",
        (
            "Press Play, then walk the years with J and L. Ask at each line what was handed on. A "
            "node opens its slide.",
            "Straight paths: begin with 1 step, where both must guess a whole face at once, then "
            "2, 4, 8. The plane shows how noise gives way to image; the bars say how far from "
            "straight each way was. They are related: "
            "both went on from the weights that the flow-matching model had after 260,000 images.",
            "2025 stands for hybrids; the paper on consistency models is of 2023, its scaling of "
            "2024 and 2025.",
        ),
    ),
    Outline(
        7,
        "Latent Diffusion: The Winning Combination",
        "VAE compression + diffusion generation = Stable Diffusion",
        "Winner",
        "latent",
        "compress",
        (
            Section(
                "Four steps",
                (
                    "VAE encoder: 1024×1024 → 128×128 latent.",
                    "CLIP text encoder: “a sunset over mountains” → embeddings.",
                    "Diffusion in the latent, a U-Net reading the text by cross-attention: "
                    "50 steps once, about 20 with DPM-Solver.",
                    "VAE decoder: back to 1024×1024.",
                ),
            ),
            Section(
                "Why it works",
                (
                    "Efficiency: 64× fewer positions a step.",
                    "Quality: the VAE keeps perceptual detail, diffusion creates.",
                    "Control: cross-attention to CLIP's text.",
                    "Access: a consumer GPU with 8 GB instead of a data centre.",
                ),
            ),
            Section(
                "Running here",
                (
                    "128×128 from a 16×16×4 latent.",
                    "One model for faces and landscapes: the words decide.",
                    f"CLIP knows {len(WORDS)} words; those that mean the same lie together.",
                    "Slips and relatives are read as known words, others struck out.",
                ),
            ),
        ),
        "The most important architecture of generative AI: VAE, CLIP and U-Net explain Stable "
        "Diffusion and most of its kin. SD3 and Flux replace the U-Net by a transformer.",
        (
            "Press Play: the chapter's own prompt. Then let the class dictate one in their own "
            "words. What the model reads stands below it while you type, before any Play.",
            "Ask for a face next: it is the same model, the same autoencoder, the same CLIP. "
            "Without a prompt it draws either.",
            "Words in space: scrub through the prompt and see the twelve pictures change places "
            "with every word. Ask for synonyms: dusk and evening, shades and sunglasses. The plane "
            "is a projection; its caption says how much of the variance it shows.",
            "Where words act: compare the tile of the sky's word with that of the land's, or of a "
            "hair colour with that of the background.",
        ),
    ),
    Outline(
        8,
        "Key Takeaways",
        "What to remember",
        "Winner",
        "winner",
        "school",
        (
            Section(
                "Five ideas",
                (
                    "Latent space (VAE): a compressed place where generation is cheap.",
                    "Adversarial training (GAN): two networks compete; sharp, unstable.",
                    "Denoising (diffusion): step by step; stable, good, controllable.",
                    "Classifier-free guidance: amplifies the text.",
                    "Latent diffusion: the winning hybrid.",
                ),
            ),
            Section(
                "Why it matters",
                (
                    "Every generator of images, video and audio uses one or more of these.",
                    "Name the cause: blurry is VAE-like, sharp but repetitive is GAN-like.",
                    "Predict what will improve, choose a tool, debug a failure.",
                    "Next, chapter 4: CLIP and contrastive learning, which connected images and "
                    "text and made text-to-image possible.",
                ),
            ),
        ),
        "Know the tree, and you can tell from a picture how it was made.",
        (
            "Run the quiz: hands up for each family, then click the majority's answer.",
            "Close with chapter 4: every prompt today was read by a CLIP text encoder.",
        ),
    ),
)
