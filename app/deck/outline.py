"""What the slides say: titles, facts and speaker notes, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A few facts under one heading."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    """One slide.

    Attributes:
        number: 1 … 8.
        title, subtitle: its heading.
        node: which node of the strip it lights.
        accent: family whose colour it wears.
        icon: name of a Material Symbol.
        sections: its facts, shown one section at a time.
        insight: the sentence to remember.
        notes: for the speaker: what to say, what to press, what to ask.
    """

    number: int
    title: str
    subtitle: str
    node: str
    accent: str
    icon: str
    sections: tuple[Section, ...]
    insight: str
    notes: tuple[str, ...]


STRIP = (
    ("VAE", "science", "vae", 1),
    ("GAN", "flash_on", "gan", 2),
    ("Flow", "waves", "flow", 3),
    ("Diffusion", "blur_on", "diffusion", 4),
    ("Compare", "compare", "winner", 5),
    ("Winner", "emoji_events", "latent", 6),
)
"""The family tree: (node, icon, accent, first slide)."""

FACTS = "One trained model for every family, running on this machine."

OUTLINE: tuple[Outline, ...] = (
    Outline(
        1,
        "VAEs: Encode, Sample, Decode",
        "The foundation of latent space generation",
        "VAE",
        "vae",
        "science",
        (
            Section(
                "How it works",
                (
                    "The encoder compresses an image to a short vector: 128 numbers here, "
                    "often 256.",
                    "Not to a point but to a distribution: a mean and a variance.",
                    "The decoder rebuilds the image from a sample of it.",
                    "Training keeps the space smooth, so random points decode to new images.",
                ),
            ),
            Section(
                "For and against",
                (
                    "Stable: reconstruction + KL, no adversary.",
                    "Smooth: walk between two images.",
                    "Fast: one pass of the decoder.",
                    "Blurry: the average of all plausible images costs the least.",
                ),
            ),
            Section(
                "Legacy",
                (
                    "Hardly used alone any more, but at work inside nearly everything:",
                    "the “latent” of Stable Diffusion, and the VAEs of video models;",
                    "audio encoders over spectrograms;",
                    "VQ-VAE, its discrete cousin, in DALL-E 1 and audio tokens.",
                ),
            ),
        ),
        "Its lasting gift is a learned latent space: that is what makes diffusion affordable.",
        (
            "Press Play: four real faces go in, μ and σ come out, then a sample, then faces again.",
            "Ask: which details went missing? Glasses frames and mouths, where plausible versions "
            "disagree and the average is soft.",
            "Open Interpolate and drag the bar to show that the space has no holes.",
            "Imagine: left, a plain Gaussian; right, the same decoder after a small learned prior "
            "has moved z. It is latent diffusion in the small: come back to it on slide 7.",
        ),
    ),
    Outline(
        2,
        "GANs: The Adversarial Game",
        "Generator against discriminator: sharp but unstable",
        "GAN",
        "gan",
        "flash_on",
        (
            Section(
                "How it works",
                (
                    "A generator turns noise into images and tries to fool a judge.",
                    "A discriminator learns to tell real from generated.",
                    "A minimax game: each makes the other better.",
                    "Sharper than a VAE: a blurred face is easily caught.",
                ),
            ),
            Section(
                "The GAN era, 2014–2021",
                (
                    "2015 DCGAN: the first stable convolutional GAN.",
                    "2018 StyleGAN: photorealistic faces, a style at each layer.",
                    "2018 BigGAN: class-conditional at ImageNet scale.",
                    "2020 StyleGAN2: near-perfect faces at 1024×1024.",
                ),
            ),
            Section(
                "Why they lost",
                (
                    "Unstable: mode collapse, oscillation, no convergence.",
                    "Hard to steer: no text, until GigaGAN and StyleGAN-T came in 2023, too late.",
                    "No likelihood to compare models by.",
                    "One small change of a setting can ruin the training.",
                ),
            ),
        ),
        "The first photorealistic AI images. Diffusion inherited the quality and added stability "
        "and control.",
        (
            "Play the film: both trainings start from the same code; only the recipe differs.",
            "Stop the film on the right where faces begin to repeat. Ask what the discriminator "
            "could have done about it.",
            "Fresh faces: pull ψ to 0 and watch sixteen faces become one.",
        ),
    ),
    Outline(
        3,
        "Normalizing Flows & Autoregressive Models",
        "Two more branches of the tree",
        "Flow",
        "flow",
        "waves",
        (
            Section(
                "Flows",
                (
                    "A chain of invertible maps from a Gaussian to images.",
                    "So the exact likelihood of any image can be computed.",
                    "For: exact, invertible, clean theory.",
                    "Against: costly, and invertibility limits what a layer can do.",
                ),
            ),
            Section(
                "Autoregressive",
                (
                    "Turn the image into discrete tokens (VQ-VAE), predict the next one.",
                    "The same architecture as text models; so drew DALL-E 1.",
                    "For: in-context learning, flexible conditioning.",
                    "Against: slow, token by token, and errors accumulate.",
                ),
            ),
            Section(
                "Legacy",
                (
                    "Flows: flow matching, in Stable Diffusion 3 and Flux, drops the constraint.",
                    "Autoregressive is coming back: Parti (Google), Chameleon (Meta), "
                    "parts of Gemini.",
                    "Perhaps a hybrid: autoregressive for structure, diffusion for detail.",
                ),
            ),
        ),
        "Autoregression joins text and images in one architecture. At scale it may rival "
        "diffusion, or complete it.",
        (
            "Play shows the flow; There and back shows that it loses nothing.",
            "Pull Guidance to 1: so draws the density itself. Guidance trades its likelihood for "
            "clear shapes, as it does in diffusion on the next slide.",
            "In How likely? ask the class to guess the order before the bars appear.",
            "Token by token: pause in the middle and read the candidates for the next token.",
            "Data: Fashion-MNIST are photographs. There the second model writes raw pixels, and "
            "docs/evidence.md sets its likelihood and the flow's beside published ones.",
        ),
    ),
    Outline(
        4,
        "Diffusion Models: The Champion",
        "Add noise, learn to reverse it",
        "Diffusion",
        "diffusion",
        "blur_on",
        (
            Section(
                "How it works",
                (
                    "Forward: add Gaussian noise over T steps, typically T = 1000.",
                    "Reverse: a network learns to predict and remove the noise of each step.",
                    "Generate: start from pure noise and denoise.",
                    "T steps in the original; modern solvers need 10 to 50.",
                ),
            ),
            Section(
                "Why it won",
                (
                    "Stable: plain squared error on the noise.",
                    "Quality that matches or beats GANs.",
                    "Diverse: no mode collapse.",
                    "Controllable: classifier-free guidance.",
                    "Composable: text, edges, depth maps, poses.",
                ),
            ),
            Section(
                "The latent trick",
                (
                    "1024×1024 pixels are 3.1 million values.",
                    "A VAE makes them a 128×128 latent: 64× fewer positions.",
                    "With 4 channels instead of 3, that is 48× fewer values.",
                    "Diffusion there is 10–100× cheaper, with little loss.",
                ),
            ),
        ),
        "The backbone of nearly all image and video generation: Stable Diffusion, DALL-E 3, "
        "Midjourney, Sora, Flux.",
        (
            "Begin with Add noise and drag: where does the class lose the face?",
            "Then Denoise: point at the right half. The network guesses a clean face from the "
            "first step on; the steps only make it sure.",
            "Set guidance to 0, then to 8, with the same seed.",
            "Data: Fashion-MNIST are photographs of ten kinds of clothing. Type one: sneaker.",
        ),
    ),
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
            "Press Play and let the six grids fill; read the times aloud.",
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
            "Walk the years with the arrow keys once a year has the focus.",
            "Straight paths: begin with 1 step, where both must guess a whole face at once, then "
            "2, 4, 8. The bars say how far from straight each way was.",
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
        ),
        "The most important architecture of generative AI: VAE, CLIP and U-Net explain Stable "
        "Diffusion and most of its kin. SD3 and Flux replace the U-Net by a transformer.",
        (
            "Let the class dictate a prompt. Words the model never learned are struck through.",
            "Ours is 128×128 from a 16×16×4 latent: the same factor of eight.",
            "Where words act: compare the tile of a hair colour with that of the background.",
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
